// What a program gets that takes JSON (form: json): the schema by ajv, the signature by Node's own crypto.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { Site, root } from './support/chaser.mjs';
import { names, oneLine, titles } from './support/corpus.mjs';

const signingKey = 'a key that both ends have';
const begun = '2026-12-01T09:00:00Z';
const due = '2027-01-04T09:00:00Z';

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
const isValid = ajv.compile(JSON.parse(readFileSync(join(root, 'docs/schema/webhook.schema.json'), 'utf8')));

let server;
let posted;
let answer;
before(async () => {
  server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      posted.push({ headers: request.headers, body: Buffer.concat(chunks) });
      answer(response);
    });
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
});
after(() => server.close());

const accept = (response) => response.writeHead(202).end();

/// A site whose leads are reached by the program alone.
function site(deliver, count = titles.length, lead = (index) => `lead${index}`) {
  posted = [];
  answer = accept;
  const made = new Site();
  made.write('flow', `http://127.0.0.1:${server.address().port}/tickets`);
  made.write('key', signingKey);
  const chosen = titles.slice(0, count);
  made.install({
    channels: 'teams: { type: workflows, allow_http_loopback: true, rate: { burst: 0 }, '
      + 'channels: { tickets: { url_file: flow, form: json, signing_key_file: key } } }',
    parties: [...new Set(chosen.map((_, index) => lead(index)))].map((id, index) => ({ id, name: names[index % names.length], teams: 'tickets' })),
    actions: chosen.map((title, index) => ({ id: `a${index}`, title, lead: lead(index), due: '4 January 2027' })),
    via: 'teams',
    deliver,
  });
  return made;
}

function check({ headers, body }) {
  const message = JSON.parse(body.toString('utf8'));
  assert.ok(isValid(message), JSON.stringify(isValid.errors));
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['x-chaser-signature'], `v1=${createHmac('sha256', signingKey).update(body).digest('hex')}`);
  assert.match(headers['idempotency-key'], /^[0-9a-f]{64}$/);
  assert.ok(headers['idempotency-key'].startsWith(message.id));
  assert.equal(headers.authorization, undefined);
  return message;
}

test('every message fits the published schema and its signature, and says each title literally', async () => {
  const own = site('direct');
  try {
    for (const at of [begun, due]) assert.equal((await own.pass(at)).code, 0);
    assert.equal(posted.length, titles.length);
    const messages = posted.map(check);
    assert.equal(new Set(posted.map((each) => each.headers['idempotency-key'])).size, titles.length);
    for (const [index, title] of titles.entries()) {
      const message = messages.find((each) => each.to === `lead${index}`);
      assert.ok(message, `nothing arrived about a${index}`);
      assert.equal(message.kind, 'direct');
      assert.equal(message.name, oneLine(names[index % names.length]));
      assert.equal(message.more, 0);
      assert.deepEqual(message.items.map((item) => [item.action, item.day, item.rule]), [[`a${index}`, '2027-01-04', 'due']]);
      assert.ok(oneLine(title).startsWith([...message.items[0].title].slice(0, 60).join('').replace(/…$/, '')), message.items[0].title);
      assert.match(message.items[0].link, /^https:\/\/chaser\.kent\.example\/a\//);
    }
  } finally {
    own.remove();
  }
});

test('a digest is one message with an item for each action', async () => {
  const own = site('digest', 3, () => 'boss');
  try {
    for (const at of [begun, due]) assert.equal((await own.pass(at)).code, 0);
    assert.equal(posted.length, 1);
    const message = check(posted[0]);
    assert.equal(message.kind, 'digest');
    assert.deepEqual(message.items.map((item) => item.action).sort(), ['a0', 'a1', 'a2']);
  } finally {
    own.remove();
  }
});

for (const [what, first] of [
  ['put off', (response) => response.writeHead(503, { 'Retry-After': '90' }).end()],
  ['lost after the request', (response) => response.socket.destroy()],
]) {
  test(`a message that was ${what} comes again, the same to the byte and under the same key`, async () => {
    const own = site('direct', 1);
    try {
      await own.pass(begun);
      answer = first;
      await own.pass(due);
      assert.equal(posted.length, 1);
      answer = accept;
      await own.pass('2027-01-04T09:00:50Z');
      assert.equal(posted.length, 1, 'too soon');
      await own.pass('2027-01-04T09:02:00Z');
      await own.pass('2027-01-04T10:00:00Z');
      assert.equal(posted.length, 2);
      posted.forEach(check);
      assert.equal(posted[1].headers['idempotency-key'], posted[0].headers['idempotency-key']);
      assert.ok(posted[1].body.equals(posted[0].body));
    } finally {
      own.remove();
    }
  });
}
