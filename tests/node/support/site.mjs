// A whole site on a scripted clock (tests/support/scripted_site_main.cpp), with mails in a Maildir.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { simpleParser } from 'mailparser';

const source = process.env.CHASER_SOURCE_DIR;
const program = join(process.env.CHASER_BUILD_DIR, 'tests', 'scripted_site');

export const publicUrl = 'https://chaser.example';

function settings(folder, { plan, email, workflow }) {
  const quoted = JSON.stringify;
  return `state_directory: state
plans:
  - { id: kent-medway, file: ${quoted(plan)}, supplement: ${quoted(join(source, 'config/plans/kent-medway.supplement.yaml'))} }
directory: ${quoted(join(source, 'config/directory.yaml'))}
rules: ${quoted(join(source, 'rules'))}${workflow ? `\nworkflow: ${quoted(workflow)}` : ''}
channels:
  email: ${email ?? '{ type: maildir, folder: mail }'}
  teams: { type: folder, folder: cards }
mail: { from_name: Chaser, from_address: chaser@kent.example }
public_url: ${publicUrl}
links: { key_file: key }
http: { port: 0, answers: { port: 0 } }
`;
}

/// Starts one at `at`; close() ends it and removes what it left.
export async function openSite(at, options = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'chaser-site-'));
  const plan = options.plan ?? join(source, 'config/plans/kent-medway.txt');
  writeFileSync(join(folder, 'key'), '0123456789abcdef0123456789abcdef\n');
  writeFileSync(join(folder, 'chaser.yaml'), settings(folder, { ...options, plan }));
  const child = spawn(program, [join(folder, 'chaser.yaml'), join(folder, 'state'), at], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (bytes) => { complaint += bytes; });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const line = await lines.next();
    if (line.done) throw new Error(`the site ended: ${complaint}`);
    return line.value;
  };
  const ports = JSON.parse(await next());
  const mailFolder = join(folder, 'state', 'mail', 'new');
  const taken = new Set();
  return {
    staff: `http://127.0.0.1:${ports.staff}`,
    answers: `http://127.0.0.1:${ports.answers}`,
    /// Says a line and gives what is answered.
    ask: async (line) => { child.stdin.write(`${line}\n`); return next(); },
    /// All mails so far, parsed, in order of arrival.
    mails: async () => {
      let names = [];
      try { names = readdirSync(mailFolder).sort(); } catch { return []; }
      return Promise.all(names.map((name) => simpleParser(readFileSync(join(mailFolder, name)))));
    },
    /// Those that came since it was last asked.
    newMails: async () => {
      let names = [];
      try { names = readdirSync(mailFolder).sort(); } catch { return []; }
      const fresh = names.filter((name) => !taken.has(name));
      fresh.forEach((name) => taken.add(name));
      return Promise.all(fresh.map((name) => simpleParser(readFileSync(join(mailFolder, name)))));
    },
    close: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.stdin.end();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/// The links of a mail's both parts as addresses at the listener.
export function linksOf(mail, site) {
  const found = new Set();
  for (const part of [mail.text ?? '', mail.html || '']) {
    for (const match of part.matchAll(/https:\/\/chaser\.example(\/[amu]\/[A-Za-z0-9_.-]+)/g)) found.add(site.answers + match[1]);
  }
  return [...found];
}
