// A year of the customer's plan through links and pages alone: leads answer by the links of their mails, the
// coordinator decides on the pages, and at the end the committee's report says what was said. Nothing else is touched.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axeViolations, desktop, openBrowser, phone } from '../support/browser.mjs';
import { answerForm, formsOf, send } from '../support/forms.mjs';
import { linksOf, openSite } from '../support/site.mjs';

const password = 'correct-horse-battery';
const end = '2027-09-30';
let site;
let browser;
let page;  // the coordinator's, signed in

/// What was said and decided, by action: what the report must tell at the end.
const ledger = new Map();
const of = (action) => ledger.get(action) ?? ledger.set(action, { notes: [], claimed: '', done: new Set(), extension: null }).get(action);
let answered = 0;
let decided = 0;
let clients = 0;

before(async () => {
  site = await openSite('2026-10-01T09:00:00+01:00', { workflow: `${process.env.CHASER_SOURCE_DIR}/rules/workflow.yaml` });
  await site.ask(`account coordinator coordinator ${password}`);
  browser = await openBrowser();
  page = await browser.newPage({ viewport: desktop });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/// The coordinator opens a page, and signs in if the session has ended since.
async function open(path) {
  await page.goto(site.staff + path);
  if (!page.url().includes('/sign-in')) return;
  await page.fill('[name=name]', 'coordinator');
  await page.fill('[name=password]', password);
  await page.click('main button[type=submit]');
  await page.goto(site.staff + path);
  assert.ok(!page.url().includes('/sign-in'), await page.textContent('main'));
}

/// As the proxy names it: no two people share an address.
const from = () => ({ 'X-Real-IP': `10.${(clients >> 8) % 250}.${clients++ % 250}.1` });

const ofLink = (text) => /<h1>(\S+) /.exec(text)?.[1];

/// How each lead answers; whoever is not named stays silent. `when` counts the mails about that action to that lead.
const habits = {
  'kcc@kent.example': (action, when) => {
    if (when === 0) return ['update', { note: `Work on ${action} has begun.`, status: 'in_progress', percent: '30', rag: 'amber' }];
    if (when === 1) return ['acknowledge', { note: 'On it.' }];
    return ['update', { note: `${action} goes on: round ${when}.`, rag: 'green' }];
  },
  'ccn@kent.example': (action, when, today) => {
    if (action === '2.1') return when === 0 ? ['extension', { due: '2027-06-30', note: 'Legal needs until June.' }] : ['done', { note: 'The toolkit is in use.' }];
    if (action === '7.3') return ['done', { note: 'Adopted in cabinet.', evidence: 'https://kent.example/adaptation' }];
    if (action === '2.2') return when === 0 ? ['blocked', { others: 'the auditors', note: 'They publish in spring.' }] : null;
    if (action.startsWith('9.')) return ['update', { note: `Reviewed on ${today}.` }];
    return null;
  },
  'transport@dover.example': (action) => ['done', { note: 'The fleet is electric.' }],
  'hr@ashford.example': (action, when) => (when === 0 ? ['not_mine', { note: 'Payroll does this.' }] : null),
};
const seen = new Map();

async function answerByLink(link, address, today) {
  const text = await (await fetch(link, { headers: from() })).text();
  const action = ofLink(text);
  if (!action) return;
  const key = `${address} ${action}`;
  const when = seen.get(key) ?? 0;
  seen.set(key, when + 1);
  const answer = habits[address]?.(action, when, today);
  if (!answer) return;
  const [response, fields] = answer;
  const form = answerForm(text, response);
  if (!form) return;  // it is not asked any more: finished, or this action has no date
  const sent = await send(form, site.answers, fields, from());
  assert.equal(sent.status, 303, `${address} ${action} ${response}: ${/role="alert">(.*?)<\/div>/s.exec(await sent.text())?.[1]}`);
  const thanks = await (await fetch(site.answers + sent.headers.get('location'), { headers: from() })).text();
  assert.match(thanks, /Thank you\./);
  ++answered;
  const entry = of(action);
  if (response === 'update') entry.notes.push(fields.note);
  if (fields.rag) entry.claimed = fields.rag;
  if (response === 'done') entry.done.add(address);
  if (response === 'extension') entry.extension = fields.due;
}

/// What waits for a word is decided on the page: the date asked for is granted, all else approved, too; what was given
/// back offers no approval and waits on.
async function decide() {
  await open('/decisions');
  const approvals = page.locator('.request button[value=approve]');
  for (let waiting = await approvals.count(); waiting > 0;) {
    await approvals.first().click();
    assert.equal(await page.locator('[role=alert]').count(), 0, await page.textContent('main'));
    ++decided;
    const now = await approvals.count();
    assert.equal(now, waiting - 1);
    waiting = now;
  }
}

const isWorkday = (day) => day.getUTCDay() % 6 !== 0;

test('a year passes: mails are answered by their links, requests decided on the page', async () => {
  for (let day = new Date('2026-10-01T00:00:00Z'); day <= new Date(`${end}T00:00:00Z`); day = new Date(day.getTime() + 86_400_000)) {
    if (!isWorkday(day)) continue;
    const today = day.toISOString().slice(0, 10);
    const made = Number(await site.ask(`until ${today}T11:00:00Z`));
    if (made === 0) continue;
    let before = answered;
    for (const mail of await site.newMails()) {
      for (const link of linksOf(mail, site).filter((each) => each.includes('/a/'))) await answerByLink(link, mail.to.value[0].address, today);
    }
    if (answered === before) continue;
    await site.ask(`until ${today}T12:00:00Z`);
    await decide();
  }
  assert.ok(answered > 25, `${answered} answers`);
  assert.ok(decided > 3, `${decided} decisions`);
});

test('a lead whom nobody wrote to of late answers from the page of all their actions', async () => {
  const mine = (await site.mails()).sort((a, b) => a.date - b.date).flatMap((mail) => (mail.to.value[0].address === 'ccn@kent.example' ? linksOf(mail, site) : [])).filter((link) => link.includes('/m/'));
  const text = await (await fetch(mine.at(-1), { headers: from() })).text();
  const [form] = formsOf(text);
  const number = [...form.fields].find(([name, value]) => name.endsWith('.action') && value.endsWith('/5.5'))?.[0].split('.')[0];
  assert.ok(number, '5.5 is on the page');
  const sent = await send(form, site.answers, { [`${number}.response`]: 'update', [`${number}.note`]: 'Sites are chosen.' }, from());
  assert.equal(sent.status, 200);
  assert.match(await sent.text(), /1 answer saved\./);
  of('5.5').notes.push('Sites are chosen.');
});

test('the committee’s report tells what was said, asked, granted and never answered', async () => {
  await open('/report?kind=progress');
  const file = await (await page.request.get(`${site.staff}/report?kind=progress&format=json`)).json();
  const rows = new Map(file.actions.map((row) => [row.action, row]));
  assert.equal(rows.size, 24);
  for (const [action, entry] of ledger) {
    const row = rows.get(action);
    if (entry.notes.length > 0 && !row.finished) assert.equal(row.narrative, entry.notes.at(-1), action);
    if (entry.claimed) assert.equal(row.claimed, entry.claimed, action);
    if (entry.extension) {
      assert.equal(row.due, entry.extension, action);
      assert.equal(row.slips, 1, action);
      assert.ok(row.first_due < row.due, action);
    }
  }
  assert.ok(rows.get('2.1').finished, 'its only lead finished it, approved');
  const silent = file.actions.flatMap((row) => row.silent);
  assert.ok(silent.length > 10, `${silent.length} silent leads`);
  assert.ok(silent.includes('Dover HR Team') && !silent.includes('Dover Transport Team'), silent.join(', '));
  const text = await page.textContent('.report');
  for (const entry of ledger.values()) {
    for (const note of entry.notes.slice(-1)) assert.ok(text.includes(note) || file.actions.every((row) => row.narrative !== note), note);
  }
});

test('the exceptions are gravest first with their reasons, on a desk and a phone, and print without the frame', async () => {
  const token = await site.ask('token report viewer');
  for (const viewport of [desktop, phone]) {
    const reader = await browser.newPage({ viewport, extraHTTPHeaders: { Authorization: `Bearer ${token}` } });
    await reader.goto(`${site.staff}/report`);
    assert.match(await reader.textContent('h1'), /^Exceptions: /);
    assert.ok(await reader.locator('.report tbody tr').count() > 3);
    assert.match(await reader.locator('.report tbody tr').first().textContent(), /past its date|red|silent/);
    assert.ok(await reader.evaluate(() => document.documentElement.scrollWidth) <= viewport.width);
    assert.deepEqual(await axeViolations(reader), []);
    await reader.emulateMedia({ media: 'print' });
    assert.equal(await reader.locator('.bar').isVisible(), false);
    assert.equal(await reader.locator('.report').isVisible(), true);
    await reader.context().close();
  }
});
