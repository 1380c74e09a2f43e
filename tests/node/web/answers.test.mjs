// What links in mails lead to: opened by people, programs that look ahead, and scanners that run scripts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axeViolations, desktop, openBrowser, phone } from '../support/browser.mjs';
import { linksOf, openSite } from '../support/site.mjs';

let site;
let browser;
let looked = 0;
const day = (iso) => `${iso}T09:00:00Z`;

before(async () => {
  site = await openSite('2026-10-06T09:00:00+01:00');
  await site.ask(`at ${day('2026-12-22')}`);
  await site.ask(`at ${day('2026-12-31')}`);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/// The link about an action in a mail to somebody.
async function answerLink(to, action) {
  for (const mail of (await site.mails()).reverse()) {
    if (!mail.to.text.includes(to)) continue;
    for (const link of linksOf(mail, site).filter((each) => each.includes('/a/'))) {
      const page = await (await fetch(link, { headers: { 'X-Real-IP': `10.2.0.${looked++ % 250}` } })).text();
      if (page.includes(`<h1>${action} `)) return link;
    }
  }
  throw new Error(`no mail to ${to} has a link about ${action}`);
}

test('HEAD, GET, prefetch and a scanner that runs scripts change nothing', async () => {
  const events = await site.ask('events');
  const links = new Set();
  for (const mail of await site.mails()) for (const link of linksOf(mail, site)) links.add(link);
  assert.ok(links.size > 20, `${links.size} links`);
  const scanner = await browser.newPage();
  let opened = 0;
  for (const link of links) {
    const from = { 'X-Real-IP': `10.0.${opened >> 7}.${opened++ % 128}` };  // as the proxy would say; one client may not ask as often
    assert.equal((await fetch(link, { method: 'HEAD', headers: from })).status, 200);
    assert.equal((await fetch(link, { headers: { ...from, 'Sec-Purpose': 'prefetch', Purpose: 'prefetch' } })).status, 200);
    // A scanner with a browser: it runs what there is to run, looks at everything, and follows what the page points to.
    await scanner.setExtraHTTPHeaders(from);
    assert.equal((await scanner.goto(link, { waitUntil: 'load' })).status(), 200);
    await scanner.evaluate(() => {
      for (const each of document.querySelectorAll('details')) each.open = true;
      for (const each of document.querySelectorAll('a[href], link[href]')) fetch(each.href).catch(() => {});
      window.scrollTo(0, document.body.scrollHeight);
    });
    await scanner.mouse.move(180, 300);
  }
  await scanner.context().close();  // nothing of it is still under way
  assert.equal(opened, links.size);
  assert.equal(await site.ask('events'), events);
});

test('the page tells what it is about, asks for no script, and axe finds nothing', async () => {
  const link = await answerLink('ccn@', '2.1');
  for (const viewport of [phone, desktop]) {
    for (const colorScheme of ['light', 'dark']) {
      for (const javaScriptEnabled of [true, false]) {
        const page = await browser.newPage({ viewport, colorScheme, javaScriptEnabled });
        const answer = await page.goto(link);
        assert.match(answer.headers()['content-security-policy'], /default-src 'none'/);
        assert.equal(answer.headers()['cache-control'], 'no-store');
        assert.match(await page.textContent('h1'), /^2\.1 /);
        assert.equal(await page.locator('script').count(), 0);
        if (javaScriptEnabled) {
          await page.locator('summary').nth(1).click();
          assert.deepEqual(await axeViolations(page), []);
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= viewport.width);
        }
        await page.context().close();
      }
    }
  }
});

const answers = [
  ['I have it', async (form) => form.locator('[name=until]').fill('2027-01-08'), /.+/],
  ['Update', async (form) => form.locator('[name=note]').fill('Draft toolkit with legal.'), /.+/],
  ['Need more time', async (form) => {
    await form.locator('[name=due]').fill('2027-03-31');
    await form.locator('[name=note]').fill('Legal needs until March.');
  }, /.+/],
  ['Blocked', async (form) => form.locator('[name=others]').fill('7.3'), /.+/],
];

for (const [label, fill, told] of answers) {
  for (const javaScriptEnabled of [true, false]) {
    test(`a lead answers "${label}" with a click, ${javaScriptEnabled ? 'with' : 'without'} scripts`, async () => {
      const link = await answerLink('ccn@', javaScriptEnabled ? '2.1' : '7.3');
      const page = await browser.newPage({ viewport: phone, javaScriptEnabled });
      await page.goto(link);
      const choice = page.locator('details', { has: page.locator('summary', { hasText: label }) }).first();
      await choice.locator('summary').click();
      const form = choice.locator('form');
      if (label === 'Blocked' && !javaScriptEnabled) await form.locator('[name=others]').fill('the county council’s lawyers');
      else await fill(form);
      await form.locator('button').click();
      const thanks = page.locator('[role=status]');
      assert.equal(await page.locator('[role=alert]').count(), 0, await page.textContent('main'));
      assert.match(await thanks.textContent(), told);
      await page.context().close();
    });
  }
}

test('what is sent twice is told that it was said before, and changes nothing more', async () => {
  const link = await answerLink('kcc@', '2.1').catch(() => answerLink('ccn@', '7.3'));
  const form = new URLSearchParams({ response: 'done', note: 'All of it.' });
  const first = await fetch(link, { method: 'POST', body: form, redirect: 'manual' });
  assert.equal(first.status, 303, await first.text());
  const second = await fetch(link, { method: 'POST', body: form, redirect: 'manual' });
  assert.equal(second.status, 303, await second.text());
});

test('a form from another site, a broken token and a wrong day are refused and say why', async () => {
  const link = await answerLink('ccn@', '2.1').catch(() => answerLink('ccn@', '7.3'));
  const post = (headers, fields) => fetch(link, { method: 'POST', headers, body: new URLSearchParams(fields), redirect: 'manual' });
  const events = await site.ask('events');
  assert.equal((await post({ 'Sec-Fetch-Site': 'cross-site' }, { response: 'acknowledge' })).status, 403);
  assert.equal((await post({ Origin: 'https://evil.example' }, { response: 'acknowledge' })).status, 403);
  const wrong = await post({}, { response: 'acknowledge', until: 'soon' });
  assert.equal(wrong.status, 422);
  assert.match(await wrong.text(), /2027-01-31/);
  assert.equal((await fetch(`${link}x`)).status, 404);
  assert.equal((await fetch(link.slice(0, -8))).status, 404);
  assert.equal(await site.ask('events'), events);
});

test('all of a person’s actions are on one page and are saved in part, without an account', async () => {
  const mail = (await site.mails()).find((each) => each.to.text.includes('ccn@') && linksOf(each, site).some((link) => link.includes('/m/')));
  const link = linksOf(mail, site).find((each) => each.includes('/m/'));
  const page = await browser.newPage({ viewport: phone });
  await page.goto(link);
  assert.deepEqual(await axeViolations(page), []);
  const sets = page.locator('fieldset');
  assert.ok(await sets.count() > 3);
  await sets.nth(0).locator('select').selectOption('update');
  await sets.nth(0).locator('textarea').fill('Going well.');
  await sets.nth(1).locator('select').selectOption('update'); // without the words it needs
  await page.locator('button[type=submit]').click();
  assert.match(await page.textContent('main'), /1 answer saved\./);
  assert.match(await page.textContent('main'), /1 answer could not be saved/);
  assert.deepEqual(await axeViolations(page), []);
});

test('one click ends digests by RFC 8058, as a form and as multipart, and again changes nothing', async () => {
  const digest = (await site.mails()).find((mail) => mail.headers.get('list')?.unsubscribe);
  const link = linksOf(digest, site).find((each) => each.includes('/u/'));
  const before = Number(await site.ask('events'));
  const multipart = new FormData();
  multipart.set('List-Unsubscribe', 'One-Click');
  for (const body of [multipart, new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })]) {
    const answer = await fetch(link, { method: 'POST', body, redirect: 'manual' });
    assert.equal(answer.status, 200, await answer.text());
  }
  assert.equal(Number(await site.ask('events')), before + 1);
  assert.match(await (await fetch(link)).text(), /gets no digests any more/);
});

test('a link that has ended says so, what it was about and whom to ask', async () => {
  const link = await answerLink('ccn@', '2.1').catch(() => answerLink('ccn@', '7.3'));
  await site.ask(`at ${day('2027-06-01')}`);
  const answer = await fetch(link);
  assert.equal(answer.status, 410);
  assert.match(await answer.text(), /This link ended on/);
});
