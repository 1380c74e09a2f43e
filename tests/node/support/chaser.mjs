// An installation of the real program in a folder of its own, run pass by pass on a scripted clock.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const program = process.env.CHASER ?? join(root, 'build/chaser');

/// A certificate for localhost and its key, as PEM, from openssl.
export function makeCertificate(folder) {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(cert), certFile: cert };
}

export class Site {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'chaser-node-'));
  }
  file(name) {
    return join(this.folder, name);
  }
  write(name, text) {
    writeFileSync(this.file(name), text);
  }
  /// Settings with these channels, a directory and a plan of `actions`: [{ id, title, lead, due }], each due-day told.
  install({ channels, parties, actions, mail = '', more = '', via = 'email', deliver = 'direct' }) {
    this.write('link-key', '0123456789abcdef0123456789abcdef');
    this.write('chaser.yaml', `state_directory: state
plans: [{ id: plan, file: plan.csv }]
directory: directory.yaml
rules: rules.yaml
public_url: https://chaser.kent.example
links: { key_file: link-key }
channels: { per_person: { burst: 0 }, ${channels} }
mail: { from_name: "Chäser, \\"the\\" one", from_address: chaser@kent.example${mail} }
${more}
`);
    this.write('directory.yaml', `parties:\n${parties.map((party) => `  ${party.id}: ${JSON.stringify({ ...party, id: undefined })}\n`).join('')}`);
    this.write('rules.yaml', `version: 1
limit: { people: 1000 }
rules:
  - rule: due
    when: action.kind == "dated"
    anchor: due
    steps: [{ step: due, at: 0d, to: leads, via: [${via}], deliver: ${deliver} }]
`);
    const cell = (text) => `"${text.replaceAll('"', '""')}"`;
    this.write('plan.csv', `ID,Action,Lead,Timescale\n${actions.map((a) => [a.id, a.title, a.lead, a.due].map(cell).join(',')).join('\n')}\n`);
  }
  /// A pass at an instant; resolves to { code, out, err }.
  pass(at) {
    return this.run(['run', '--once', '--now', at]);
  }
  run(words) {
    return new Promise((done) => {
      execFile(program, [...words, '--config', this.file('chaser.yaml')], { maxBuffer: 1 << 26 }, (error, out, err) =>
        done({ code: error?.code ?? 0, out, err }));
    });
  }
  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
