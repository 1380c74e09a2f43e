// Mails as independent programs take and read them: smtp-server by TLS and a login, mailparser for what arrived.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { simpleParser } from 'mailparser';
import { Site, makeCertificate } from './support/chaser.mjs';
import { names, oneLine, titles } from './support/corpus.mjs';
import { listen as listenWith, token as xoauth2 } from './support/smtp.mjs';

const due = { day: '4 January 2027', at: '2027-01-04T09:00:00Z' };
const begun = '2026-12-01T09:00:00Z';

let site;
let certificate;
before(() => {
  site = new Site();
  certificate = makeCertificate(site.folder);
});
after(() => site.remove());

const listen = (options) => listenWith(certificate, options);

function email(port, login = 'auth: plain, user: chaser, password_file: password') {
  return `email: { type: smtp, host: localhost, port: ${port}, tls: starttls, ca_file: cert.pem, ${login} }`;
}

const parties = titles.map((_, index) => ({ id: `lead${index}`, name: names[index % names.length], email: `lead${index}@kent.example` }));

test('every title and name arrives as it was written, in the subject, the text and the HTML, with the same links', async () => {
  const peer = await listen();
  try {
    site.write('password', 'correct horse');
    const actions = titles.map((title, index) => ({ id: `a${index}`, title, lead: `lead${index}`, due: due.day }));
    site.install({ channels: email(peer.port), parties, actions });
    for (const at of [begun, due.at]) {
      const ran = await site.pass(at);
      assert.equal(ran.code, 0, ran.err);
    }
    assert.equal(peer.mails.length, titles.length);
    const parsed = await Promise.all(peer.mails.map((mail) => simpleParser(mail.raw)));
    for (const [index, action] of actions.entries()) {
      const title = oneLine(action.title);
      const shown = [...title].slice(0, 60).join('');
      const mail = parsed.find((each) => each.to.value[0].address === `lead${index}@kent.example`);
      assert.ok(mail, `nothing arrived about a${index}`);
      assert.ok(mail.subject.includes([...title].slice(0, 30).join('')), `${mail.subject} does not say ${shown}`);
      assert.ok(mail.text.replaceAll('\n', ' ').includes(shown), `the text does not say ${shown}`);
      const html = mail.html.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
      assert.ok(html.includes(shown), `the HTML does not say ${shown}`);
      assert.ok(!mail.html.includes('<script'), 'a title became a script');
      const inText = new Set(mail.text.match(/https:\/\/chaser\.kent\.example\/a\/[\w.~-]+/g));
      const inHtml = new Set(mail.html.match(/https:\/\/chaser\.kent\.example\/a\/[\w.~-]+/g));
      assert.equal(inText.size, 1);
      assert.deepEqual(inText, inHtml);
      assert.equal(mail.to.value[0].name, oneLine(names[index % names.length]));
      assert.equal(mail.to.value[0].address, `lead${index}@kent.example`);
      assert.deepEqual(mail.from.value, [{ address: 'chaser@kent.example', name: 'Chäser, "the" one' }]);
      assert.equal(mail.headers.get('auto-submitted'), 'auto-generated');
      assert.match(mail.messageId, /^<d\.[0-9a-f]{32}\.[0-9a-f]{16}@kent\.example>$/);
    }
    for (const mail of peer.mails) {
      assert.ok(mail.secure && mail.user === 'PLAIN');
      const lines = mail.raw.toString('latin1').split('\r\n');
      assert.ok(lines.every((line) => line.length <= 998 && !/[\r\n]/.test(line)), 'a bare line end or a line that is too long');
      assert.ok(/^[\x00-\x7f]*$/.test(mail.raw.toString('latin1')), 'not all ASCII');
    }
    const ids = new Set(parsed.map((mail) => mail.messageId));
    assert.equal(ids.size, parsed.length);
  } finally {
    await peer.close();
  }
});

test('XOAUTH2 logs in with a token longer than a line; a wrong one sends nothing', async () => {
  const peer = await listen();
  const own = new Site();
  try {
    own.write('cert.pem', certificate.cert);
    own.write('token', 'wrong');
    own.install({ channels: email(peer.port, 'auth: xoauth2, user: chaser, password_file: token'), parties: parties.slice(0, 1),
      actions: [{ id: '1', title: 'One', lead: 'lead0', due: due.day }] });
    await own.pass(begun);
    await own.pass(due.at);
    assert.equal(peer.mails.length, 0);
    own.write('token', xoauth2);
    await own.pass('2027-01-04T11:00:00Z');
    assert.deepEqual(peer.mails.map((mail) => mail.user), ['XOAUTH2']);
  } finally {
    await peer.close();
    own.remove();
  }
});

test('a relay that refuses every third recipient: the others get theirs, once, and the refused are told to the coordinator', async () => {
  let count = 0;
  const refused = new Set();
  const peer = await listen({
    refuse(address) {
      if (address.startsWith('boss')) return null;
      if (refused.has(address) || ++count % 3 === 0) {
        refused.add(address);
        return { code: 550, words: '5.1.1 no such user' };
      }
      return null;
    },
  });
  const own = new Site();
  try {
    own.write('cert.pem', certificate.cert);
    own.write('password', 'correct horse');
    const many = Array.from({ length: 30 }, (_, index) => ({ id: `p${index}`, name: `P${index}`, email: `p${index}@kent.example` }));
    own.install({ channels: email(peer.port), parties: [{ id: 'boss', name: 'Boss', email: 'boss@kent.example' }, ...many],
      actions: many.map((party, index) => ({ id: `${index + 1}`, title: 'One', lead: party.id, due: due.day })) });
    own.write('directory.yaml', `coordinator: boss\nparties:\n${['boss', ...many.map((each) => each.id)].map((id) => `  ${id}: { name: ${id}, email: ${id}@kent.example }\n`).join('')}`);
    await own.pass(begun);
    for (const at of [due.at, '2027-01-04T10:00:00Z', '2027-01-04T11:00:00Z']) assert.equal((await own.pass(at)).code, 0);
    const arrived = peer.mails.map((mail) => mail.to[0]);
    const leads = arrived.filter((to) => to.startsWith('p'));
    assert.equal(refused.size, 10);
    assert.equal(leads.length, 20);
    assert.equal(new Set(leads).size, 20);
    const told = (await Promise.all(peer.mails.filter((mail) => mail.to[0].startsWith('boss')).map((mail) => simpleParser(mail.raw))))
      .map((mail) => mail.text).join('\n');
    for (const address of refused) assert.ok(told.includes(`${address.split('@')[0]} cannot be reached`), `${address} is told to nobody`);
  } finally {
    await peer.close();
    own.remove();
  }
});

test('a relay that finds two connections too many is spoken to by one from then on, and gets every mail once', async () => {
  let puts = 0;
  let most = 1;
  const peer = await listen({
    async refuseAtEnd(open) {
      while (puts === 0 && open.size <= most) await new Promise((later) => setImmediate(later));
      if (open.size <= most) return null;
      ++puts;
      return { code: 432, words: '4.3.2 Concurrent connections limit exceeded' };
    },
  });
  const own = new Site();
  try {
    own.write('cert.pem', certificate.cert);
    own.write('password', 'correct horse');
    const many = Array.from({ length: 60 }, (_, index) => ({ id: `p${index}`, name: `P${index}`, email: `p${index}@kent.example` }));
    own.install({ channels: email(peer.port, 'auth: plain, user: chaser, password_file: password, sessions: 2'), parties: many,
      actions: many.map((party, index) => ({ id: `${index + 1}`, title: 'One', lead: party.id, due: due.day })) });
    await own.pass(begun);
    assert.equal((await own.pass(due.at)).code, 0);
    assert.ok(puts >= 1 && puts <= 16, `${puts} of 60 were put off`);
    assert.equal(peer.mails.length, 60 - puts);
    most = 2;
    for (const at of ['2027-01-04T10:00:00Z', '2027-01-04T11:00:00Z']) await own.pass(at);
    assert.equal(peer.mails.length, 60);
    assert.equal(new Set(peer.mails.map((mail) => mail.to[0])).size, 60);
  } finally {
    await peer.close();
    own.remove();
  }
});

test('a digest says how it ends with one click, and a direct message carries its day for a calendar', async () => {
  const peer = await listen();
  const [digest, direct] = [new Site(), new Site()];
  try {
    for (const own of [digest, direct]) {
      own.write('cert.pem', certificate.cert);
      own.write('password', 'correct horse');
    }
    const actions = [{ id: '1', title: titles[1], lead: 'lead0', due: due.day }];
    digest.install({ channels: email(peer.port), parties: parties.slice(0, 1), actions, deliver: 'digest' });
    await digest.pass(begun);
    await digest.pass(due.at);
    const [mail] = await Promise.all(peer.mails.map((each) => simpleParser(each.raw)));
    assert.match(mail.headers.get('list').unsubscribe.url, /^https:\/\/chaser\.kent\.example\/u\//);
    assert.match(peer.mails[0].raw.toString(), /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
    assert.equal(mail.headers.get('precedence'), 'bulk');
    direct.install({ channels: email(peer.port), parties: parties.slice(0, 1), actions, mail: ', calendar: true' });
    await direct.pass(begun);
    await direct.pass(due.at);
    const withDay = await simpleParser(peer.mails[1].raw);
    const [attachment] = withDay.attachments;
    assert.equal(attachment.contentType, 'text/calendar');
    assert.equal(attachment.filename, 'due.ics');
    assert.match(peer.mails[1].raw.toString(), /Content-Type: text\/calendar;[^]*?method=PUBLISH/);
    const { default: ical } = await import('ical.js');
    const calendar = new ical.Component(ical.parse(attachment.content.toString()));
    assert.equal(calendar.getFirstPropertyValue('method'), 'PUBLISH');
    const event = new ical.Event(calendar.getFirstSubcomponent('vevent'));
    assert.equal(event.startDate.toString(), '2027-01-04');
    assert.equal(event.summary, `Due: 1 ${titles[1]}`);
    assert.equal(event.attendees.length, 0);
    assert.equal(event.organizer, 'mailto:chaser@kent.example');
    assert.ok(withDay.text.includes(titles[1]), 'the mail must read well without it');
  } finally {
    await peer.close();
    digest.remove();
    direct.remove();
  }
});
