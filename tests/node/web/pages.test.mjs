// Each page of the staff's side as each role, on a phone and on a desk, with scripts and without.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axeViolations, desktop, openBrowser, phone } from '../support/browser.mjs';
import { openSite } from '../support/site.mjs';

let site;
let browser;
const tokens = {};
const password = 'correct-horse-battery';
const paths = ['/', '/plan', '/plan/kent-medway?show=late', '/plan/kent-medway/action/2.1', '/upcoming', '/decisions', '/deliveries',
  '/deliveries/1', '/people', '/people/ccn', '/rules', '/rules/tests', '/import', '/report', '/no/such/page'];

before(async () => {
  site = await openSite('2026-10-06T09:00:00+01:00');
  await site.ask('at 2026-12-22T09:00:00Z');
  await site.ask('at 2027-01-08T09:00:00Z');
  for (const role of ['viewer', 'coordinator', 'admin']) {
    tokens[role] = await site.ask(`token ${role}-program ${role}`);
    await site.ask(`account ${role} ${role} ${password}`);
  }
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await site?.close();
});

async function signIn(role, options = {}) {
  const page = await browser.newPage({ viewport: phone, ...options });
  await page.goto(`${site.staff}/plan`);
  assert.match(page.url(), /\/sign-in\?next=/);
  await page.fill('[name=name]', role);
  await page.fill('[name=password]', password);
  await page.click('main button[type=submit]');
  assert.equal(new URL(page.url()).pathname, '/plan');
  return page;
}

for (const role of ['viewer', 'coordinator', 'admin']) {
  test(`every page as ${role}: nothing that axe finds, nothing wider than the screen, no complaint of the browser`, async () => {
    for (const [viewport, colorScheme] of [[phone, 'light'], [desktop, 'dark']]) {
      const page = await browser.newPage({ viewport, colorScheme, extraHTTPHeaders: { Authorization: `Bearer ${tokens[role]}` } });
      const complaints = [];
      page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
      for (const path of paths) {
        const answer = await page.goto(site.staff + path);
        assert.equal(answer.status(), path.startsWith('/no/') ? 404 : 200, path);
        assert.deepEqual(await axeViolations(page), [], path);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= viewport.width, `${path} is too wide`);
      }
      assert.deepEqual(complaints.filter((text) => !text.includes('404')), []);
      await page.context().close();
    }
  });
}

for (const role of ['viewer', 'coordinator', 'admin']) {
  test(`every page as ${role} says the same without scripts`, async () => {
    const headers = { Authorization: `Bearer ${tokens[role]}` };
    const [plain, scripted] = await Promise.all([false, true].map((javaScriptEnabled) =>
      browser.newPage({ viewport: phone, javaScriptEnabled, extraHTTPHeaders: headers })));
    for (const path of paths) {
      const said = [];
      for (const page of [plain, scripted]) {
        const answer = await page.goto(site.staff + path);
        assert.equal(answer.status(), path.startsWith('/no/') ? 404 : 200, path);
        assert.ok(await page.locator('h1').first().isVisible(), path);
        said.push((await page.locator('main').innerText()).replaceAll(/\d{2}:\d{2}(:\d{2})?/g, 'TIME'));
      }
      assert.equal(said[0], said[1], path);
    }
    await Promise.all([plain, scripted].map((page) => page.context().close()));
  });
}

test('who is not signed in sees the sign-in page and no plan', async () => {
  for (const path of paths.slice(0, -1)) {
    const answer = await fetch(site.staff + path, { redirect: 'manual' });
    assert.equal(answer.status, 303, path);
    assert.match(answer.headers.get('location'), /^\/sign-in\?next=/);
  }
  const page = await browser.newPage({ viewport: phone });
  await page.goto(`${site.staff}/sign-in`);
  assert.deepEqual(await axeViolations(page), []);
  await page.fill('[name=name]', 'viewer');
  await page.fill('[name=password]', 'not the password');
  await page.click('main button[type=submit]');
  assert.match(await page.textContent('[role=alert]'), /not right/);
  assert.deepEqual(await axeViolations(page), []);
});

test('a message is shown as it was sent, without what would let its reader answer', async () => {
  const ask = (path) => fetch(site.staff + path, { headers: { Authorization: `Bearer ${tokens.admin}` } });
  const [message] = (await (await ask('/api/v1/deliveries?state=accepted&limit=1')).json()).items;
  const shown = await (await ask(`/deliveries/${message.message}`)).text();
  const told = (await (await ask(`/api/v1/deliveries/${message.message}`)).json()).text;
  for (const text of [shown, told]) {
    assert.match(text, /Message-ID/i);
    assert.match(text, /\/a\/v1\.…/);
    assert.doesNotMatch(text.replaceAll('=\r\n', ''), /\/[amu]\/v1\.[A-Za-z0-9_-]/);
  }
});

test('a viewer looks and changes nothing, by no way', async () => {
  const page = await signIn('viewer');
  await page.goto(`${site.staff}/plan/kent-medway/action/2.1`);
  assert.equal(await page.locator('main form').count(), 0);
  const answer = await fetch(`${site.staff}/plan/kent-medway/action/2.1`, {
    method: 'POST', headers: { Authorization: `Bearer ${tokens.viewer}` }, body: new URLSearchParams({ response: 'done', party: 'ccn' }),
  });
  assert.equal(answer.status, 403);
});

for (const javaScriptEnabled of [true, false]) {
  test(`a coordinator records an answer, ${javaScriptEnabled ? 'with' : 'without'} scripts, and it is told under their name`, async () => {
    const page = await signIn('coordinator', { javaScriptEnabled });
    await page.goto(`${site.staff}/plan/kent-medway/action/7.3`);
    const choice = page.locator('details', { has: page.locator('summary', { hasText: 'Update' }) }).first();
    await choice.locator('summary').click();
    await choice.locator('[name=note]').fill(`Told on the telephone ${javaScriptEnabled}`);
    await choice.locator('button').click();
    assert.match(await page.textContent('[role=status]'), /Recorded/);
    assert.match(await page.textContent('main'), /Told on the telephone/);
  });
}

test('a form without its token is refused, and the session’s cookie is for this site alone', async () => {
  const page = await signIn('coordinator');
  const [cookie] = await page.context().cookies();
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, 'Lax');
  const headers = { Cookie: `${cookie.name}=${cookie.value}` };
  const post = (fields) => fetch(`${site.staff}/plan/kent-medway/action/7.3`, { method: 'POST', headers, body: new URLSearchParams(fields) });
  assert.equal((await post({ response: 'update', note: 'x', party: 'ccn' })).status, 403);
  assert.equal((await post({ response: 'update', note: 'x', party: 'ccn', csrf: 'guessed' })).status, 403);
  await page.locator('.who button').click();
  const after = await fetch(`${site.staff}/plan`, { headers, redirect: 'manual' });
  assert.equal(after.status, 303);
});

test('a new version of the plan is looked at, refused and taken', async () => {
  const page = await signIn('coordinator');
  const { readFileSync } = await import('node:fs');
  const text = readFileSync(`${process.env.CHASER_SOURCE_DIR}/config/plans/kent-medway.txt`, 'utf8').replace('\t2026\n', '\t2027\n');
  for (const word of ['Refuse it', 'Take all of it']) {
    await page.goto(`${site.staff}/import`);
    await page.setInputFiles('[name=document]', { name: 'new.txt', mimeType: 'text/plain', buffer: Buffer.from(text) });
    await page.click('button:has-text("See what would change")');
    assert.match(await page.textContent('main'), /Re-dated/);
    assert.deepEqual(await axeViolations(page), []);
    await page.click(`button:has-text("${word}")`);
    assert.match(await page.textContent('[role=status]'), word === 'Refuse it' ? /Refused/ : /Taken: 1 change\./);
  }
});

test('a change of a rule is tried beside the forecast, with its problems at the line, and nothing is saved', async () => {
  const page = await signIn('coordinator', { viewport: desktop });
  await page.goto(`${site.staff}/rules`);
  await page.locator('a[href*="deadlines.yaml"]', { hasText: 'Try a change' }).click();
  const area = page.locator('textarea');
  const text = await area.inputValue();
  await area.fill(text.replace('at: -5wd', 'at: -9wd'));
  await page.click('button:has-text("See what it would change")');
  assert.match(await page.textContent('main'), /moves|appears/);
  assert.deepEqual(await axeViolations(page), []);
  await page.locator('textarea').fill(text.replace('at: -5wd', 'at: -5'));
  await page.click('button:has-text("See what it would change")');
  assert.match(await page.textContent('[role=alert]'), /needs a unit/);
  await page.goto(`${site.staff}/rules`);
  await page.locator('a[href*="deadlines.yaml"]', { hasText: 'Try a change' }).click();
  assert.equal(await page.locator('textarea').inputValue(), text);
});

test('everything is stopped and let go from the pages', async () => {
  const page = await signIn('coordinator');
  await page.goto(`${site.staff}/deliveries`);
  await page.locator('summary', { hasText: 'Stop everything' }).click();
  await page.locator('button', { hasText: 'Stop everything' }).click();
  assert.match(await page.textContent('main'), /Everything: nothing is sent/);
  await page.goto(`${site.staff}/`);
  assert.match(await page.textContent('main'), /Stopped by hand: everything/);
  await page.goto(`${site.staff}/deliveries`);
  await page.locator('button', { hasText: 'Let it go' }).click();
  assert.doesNotMatch(await page.textContent('main'), /nothing is sent\./);
});
