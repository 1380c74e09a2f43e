// The real service on Unix sockets in a folder of its own, over a small plan.
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = process.env.CHASER_SOURCE_DIR ?? resolve(import.meta.dirname ?? '.', '../../..');
const program = process.env.CHASER ?? join(root, 'build/chaser');

const directory = `parties:
  ann: { kind: person, name: Ann Lead, email: ann@chaser.example }
  ben: { kind: person, name: Ben Boss, email: ben@chaser.example }
plans:
  plan: { coordinator: ben, sponsor: ben }
`;
const plan = `ID,Action,Lead,Timescale
1,"Plant trees, hedges; and a wood",Ann Lead,2040
2,Bäume in Märkten pflanzen,Ann Lead,31/03/2041
3,Keep an eye on it,Ann Lead,Ongoing
4,Somebody else's,Ben Boss,2042
`;

export class Service {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'chaser-node-'));
    this.write('link-key', '0123456789abcdef0123456789abcdef');
    this.write('directory.yaml', directory);
    this.write('plan.csv', plan);
    this.write('chaser.yaml', `state_directory: state
plans: [{ id: plan, file: plan.csv }]
directory: directory.yaml
rules: ${root}/rules
public_url: https://chaser.example
links: { key_file: link-key }
channels: { email: { type: maildir, folder: mail } }
mail: { from_name: Chaser, from_address: chaser@chaser.example }
http: { socket: staff.sock, guests: viewer, answers: { socket: answers.sock } }
`);
  }
  file(name) {
    return join(this.folder, name);
  }
  write(name, text) {
    writeFileSync(this.file(name), text);
  }
  /// A token of that role, put into the running service's store: only its hash is kept there.
  addToken(name, role) {
    const token = `chaser_${randomBytes(32).toString('base64url')}`;
    const hash = createHash('sha256').update(token).digest('hex');
    const access = { accounts: [], tokens: [{ id: hash.slice(0, 8), name, role, hash, created: 0 }], token_epochs: {} };
    execFileSync('sqlite3', ['-cmd', '.timeout 5000', this.file('state/chaser.db'),
      `INSERT INTO kept (name, value) VALUES ('access', '${JSON.stringify(access)}')`]);
    return token;
  }
  /// Starts it and waits until it says that it is ready.
  async start() {
    this.child = spawn(program, ['run', '--config', this.file('chaser.yaml')], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.said = '';
    this.child.stderr.on('data', (bytes) => { this.said += bytes; });
    for (let tries = 0; tries < 600; ++tries) {
      if (this.child.exitCode !== null) throw new Error(`the service has ended: ${this.said}`);
      const answer = await this.ask('GET', '/readyz').catch(() => undefined);
      if (answer?.status === 200) return;
      await new Promise((go) => setTimeout(go, 50));
    }
    throw new Error(`the service is not ready: ${this.said}`);
  }
  /// One request to the staff's listener, or to the answers' with `listener`.
  ask(method, path, { headers = {}, body = '', listener = 'staff' } = {}) {
    return new Promise((done, fail) => {
      const asked = request({ socketPath: this.file(`${listener}.sock`), method, path, headers: { ...headers,
        ...(body === '' && method === 'GET' ? {} : { 'Content-Length': Buffer.byteLength(body) }) } }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part) => { text += part; });
        answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, text }));
      });
      asked.on('error', fail);
      asked.end(body);
    });
  }
  async stop() {
    if (this.child && this.child.exitCode === null) {
      const ended = new Promise((go) => this.child.on('exit', go));
      this.child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
