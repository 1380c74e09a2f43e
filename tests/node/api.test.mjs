// Independent clients: an OpenAPI validator reads the document, a JSON schema validator every answer of every documented call,
// and ical.js the calendar.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import ICAL from 'ical.js';
import { Service } from './support/service.mjs';

const service = new Service();
let token;
let document;
let validate;

before(async () => {
  await service.start();
  token = service.addToken('robot', 'admin');
  document = JSON.parse((await service.ask('GET', '/api/v1/openapi.json')).text);
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema({ $id: 'https://chaser.example/document', components: document.components });
  validate = (name, value) => {
    const check = ajv.compile({ $ref: `https://chaser.example/document#/components/schemas/${name}` });
    assert.ok(check(value), `${name}: ${JSON.stringify(check.errors)} in ${JSON.stringify(value)}`);
  };
});
after(() => service.stop());

const headers = () => ({ Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' });
const call = (method, path, body) =>
  service.ask(method, `/api/v1${path}`, { headers: headers(), body: body === undefined ? '' : JSON.stringify(body) });

test('the document is OpenAPI 3.1', async () => {
  const result = await new Validator().validate(structuredClone(document));
  assert.deepEqual(result.errors ?? [], []);
  assert.ok(result.valid);
});

const places = { plan: 'plan', action: '1', party: 'ann', message: '1', rule: 'deadline', report: 'progress' };
const queries = { forecast: '?from=2040-01-01&to=2041-12-31' };
// What each call that writes is given, and which statuses are right: message 1 is not one that waits for a person.
const given = {
  answerAction: [{ response: 'acknowledge', party: 'ann', note: 'on it' }, [200, 409]],
  getDelivery: [undefined, [200, 404]],  // nothing has been sent yet
  setDigests: [{ digests: true }, [200]],
  erasePerson: [{ names: [] }, [409]],  // the directory still has her
  migrateCases: [{}, [200]],
  tryImport: [{ document: 'ID,Action,Lead,Timescale\n1,Plant more trees,Ann Lead,2041\n' }, [200]],
  importPlan: [{ document: 'ID,Action,Lead,Timescale\n1,Plant more trees,Ann Lead,2041\n' }, [200]],
  revokeLinks: [{}, [200]],
  retryDelivery: [{}, [409]],
  dropDelivery: [{}, [409]],
  stop: [{ plan: 'plan' }, [200]],
  release: [{ what: 'stop', plan: 'plan' }, [200]],
};

test('every documented call answers as the document says', async () => {
  const called = [];
  const [file] = JSON.parse((await call('GET', '/rule-files')).text).items.filter((each) => each.file.endsWith('deadlines.yaml'));
  given.tryRules = [{ file: file.file, text: file.text.replace('at: -5wd', 'at: -9wd') }, [200]];
  for (const [pattern, operations] of Object.entries(document.paths)) {
    const path = pattern.replaceAll(/\{(\w+)\}/g, (_, name) => places[name]);
    for (const [method, operation] of Object.entries(operations)) {
      const id = operation.operationId;
      if (id === 'listenToEvents') continue;  // it has no end: see below
      called.push(id);
      const [body, statuses] = given[id] ?? [undefined, [200]];
      let answer = await call(method.toUpperCase(), path + (queries[id] ?? ''), body);
      for (let tries = 0; id === 'listUpcoming' && answer.status === 503 && tries < 50; ++tries) answer = await call('GET', path);
      assert.ok(statuses.includes(answer.status), `${id}: ${answer.status} ${answer.text}`);
      if (answer.status >= 400) {
        assert.equal(answer.headers['content-type'], 'application/problem+json', id);
        validate('Problem', JSON.parse(answer.text));
        continue;
      }
      const name = operation.responses['200'].content['application/json'].schema.$ref.split('/').pop();
      validate(name, JSON.parse(answer.text));
      if (method === 'get') {
        assert.ok(answer.headers.etag, id);
      }
    }
  }
  const all = Object.values(document.paths).flatMap((operations) => Object.values(operations).map((each) => each.operationId));
  assert.deepEqual([...called, 'listenToEvents'].sort(), all.sort());
});

test('what is not there and what is not understood are problems as documented', async () => {
  for (const path of ['/plans/none', '/plans/plan/actions/99', '/people/nobody', '/rules/none', '/nowhere', '/plans?limitt=1']) {
    const answer = await call('GET', path);
    assert.ok([400, 404].includes(answer.status), path);
    validate('Problem', JSON.parse(answer.text));
  }
});

test('a change of a rule is tried: what moves, or every problem at its line; nothing is saved', async () => {
  const files = JSON.parse((await call('GET', '/rule-files')).text).items;
  const { file, text } = files.find((each) => each.file.endsWith('deadlines.yaml'));
  const later = JSON.parse((await call('POST', '/rule-trials', { file, text: text.replace('at: -5wd', 'at: -9wd'), to: '2033-12-31' })).text);
  assert.equal(later.has_errors, false, later.problems);
  const wrong = JSON.parse((await call('POST', '/rule-trials', { file, text: text.replace('at: -5wd', 'at: -5') })).text);
  assert.equal(wrong.has_errors, true);
  assert.match(wrong.problems[0], /deadlines\.yaml:\d+:\d+: error.*needs a unit/s);
  assert.deepEqual(JSON.parse((await call('GET', '/rule-files')).text).items, files);
  assert.equal((await call('POST', '/rule-trials', { file: '/etc/passwd', text })).status, 404);
});

test('a document is tried: what it says, and what taking it would change; nothing is taken', async () => {
  const document = 'ID,Action,Lead,Timescale\n1,"Plant trees, hedges; and a wood",Ann Lead,2041\n';
  const trial = JSON.parse((await call('POST', '/plans/plan/import-trials', { document })).text);
  assert.ok(trial.changes.some((change) => change.action === '1' && /2041/.test(change.after)), JSON.stringify(trial.changes));
  assert.equal(trial.reading.actions[0].timescale.due, '2041-12-31');
  const broken = JSON.parse((await call('POST', '/plans/plan/import-trials', { document: 'no table at all' })).text);
  assert.ok(broken.has_errors && broken.problems.length > 0);
});

test('an answer given by the API is in the history, by whom', async () => {
  const answer = await call('POST', '/plans/plan/actions/2/responses', { response: 'update', party: 'ann', note: 'half done' });
  assert.equal(answer.status, 200, answer.text);
  const history = JSON.parse((await call('GET', '/plans/plan/actions/2/history')).text);
  assert.ok(history.items.some((event) => event.kind === 'response'), JSON.stringify(history));
  const action = JSON.parse((await call('GET', '/plans/plan/actions/2')).text);
  assert.equal(action.last_note, 'half done');
});

test('events are told to who listens', async () => {
  const heard = new Promise((done, fail) => {
    const asked = request({ socketPath: service.file('staff.sock'), path: '/api/v1/events', headers: headers() }, (answer) => {
      assert.equal(answer.headers['content-type'], 'text/event-stream');
      answer.setEncoding('utf8');
      let text = '';
      answer.on('data', (part) => {
        text += part;
        if (text.startsWith('retry') && !text.includes('id:')) call('POST', '/stops', { rule: 'stalled' });
        if (!/id: \d+\nevent: \w+\ndata: .*\n\n/.test(text)) return;
        asked.destroy();
        done(text);
      });
    });
    asked.on('error', fail);
    asked.end();
  });
  const data = /data: (.*)\n/.exec(await heard)[1];
  validate('Event', JSON.parse(data));
});

test('ical.js reads a calendar: a day for each action, whole days, nobody invited, the same identity after a change', async () => {
  const { url } = JSON.parse((await call('GET', '/people/ann/calendar')).text);
  const read = async () => {
    const answer = await service.ask('GET', new URL(url).pathname, { listener: 'answers' });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers['content-type'], 'text/calendar; charset=utf-8');
    const calendar = new ICAL.Component(ICAL.parse(answer.text));
    return calendar.getAllSubcomponents('vevent').map((each) => new ICAL.Event(each));
  };
  const events = await read();
  const due = events.find((event) => event.uid === 'due.plan.1@chaser.example');
  assert.match(due.summary, /^Due: 1 Plant trees/);
  assert.match(due.description, /Plant trees, hedges; and a wood/);
  assert.equal(due.startDate.toString(), '2040-12-31');
  assert.equal(due.endDate.toString(), '2041-01-01');
  assert.ok(due.startDate.isDate);
  assert.deepEqual(due.attendees, []);
  assert.ok(events.some((event) => event.summary.startsWith('Due: 2 Bäume in Märkten')));
  assert.ok(events.some((event) => event.summary.startsWith('Review: 3')));
  assert.ok(!events.some((event) => event.uid.includes('plan.4@')));
  const done = await call('POST', '/plans/plan/actions/2/responses', { response: 'update', party: 'ann', note: 'three quarters' });
  assert.equal(done.status, 200, done.text);
  const before = events.find((event) => event.uid === 'due.plan.2@chaser.example');
  const later = (await read()).find((event) => event.uid === before.uid);
  assert.ok(later.sequence >= before.sequence);
});
