// Each response as each role that may give it: a click on a phone without scripts, and at a desk with them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axeViolations, desktop, openBrowser, phone } from '../support/browser.mjs';
import { linksOf, openSite } from '../support/site.mjs';

const plan = 'kent-medway';
const screens = [['a phone without scripts', { viewport: phone, javaScriptEnabled: false }],
  ['a desk with scripts', { viewport: desktop, javaScriptEnabled: true }]];

// What is filled in, and the action it is said of; what ends one is said of another than the next.
const leads = [
  ['acknowledge', '2.1', { until: '2027-01-15' }],
  ['update', '7.3', { note: 'The draft is with legal.', percent: '40' }],
  ['done', '5.5', { note: 'Published.', evidence: 'https://kent.example/report' }],
  ['extension', '2.2', { due: '2027-06-30', note: 'Legal needs until June.' }],
  ['not_mine', '6.1', { note: 'Planning has it.' }],
  ['blocked', '6.2', { others: '7.3', note: 'It waits for the strategy.' }],
];
const recorded = [
  ...leads,
  ['snooze', '4.1', { until: '2027-01-15', note: 'The consultation runs.' }],
  ['delegate', '5.4', { to: 'head-transport', note: 'She runs the fleet.' }],
  ['cancelled', '8.2', { note: 'The grant ended.' }],
  ['superseded', '4.2', { others: '4.1', note: 'One strategy for both.' }],
  ['merged', '3.1', { others: '7.3', note: 'Told as one.' }],
  ['split', '5.3', { others: '5.4, 5.5', note: 'By kind of vehicle.' }],
  ['reopen', '8.2', { note: 'A new grant.' }],
];

let browser;
before(async () => { browser = await openBrowser(); });
after(async () => { await browser?.close(); });

async function openYear() {
  const site = await openSite('2026-10-06T09:00:00+01:00');
  await site.ask('at 2026-12-22T09:00:00Z');
  await site.ask('at 2026-12-31T09:00:00Z');
  return site;
}

/// Opens what the response asks for, fills it in and sends it, and gives what the page then says.
async function say(page, response, fields) {
  const choice = page.locator('details', { has: page.locator(`[name=response][value=${response}]`) });
  await choice.locator('summary').click();
  for (const [name, value] of Object.entries(fields)) await choice.locator(`[name=${name}]`).fill(value);
  await choice.locator('button').click();
  assert.equal(await page.locator('[role=alert]').count(), 0, `${response}: ${await page.textContent('main')}`);
  return page.locator('[role=status]').first().textContent();
}

/// The first link about each action in the mails to somebody.
async function linksByAction(site, to) {
  const links = new Map();
  let from = 0;
  for (const mail of await site.mails()) {
    if (!mail.to.text.includes(to)) continue;
    for (const link of linksOf(mail, site).filter((each) => each.includes('/a/'))) {
      const page = await (await fetch(link, { headers: { 'X-Real-IP': `10.3.0.${from++}` } })).text();
      const action = /<h1>([\d.]+) /.exec(page)?.[1];
      if (action && !links.has(action)) links.set(action, link);
    }
  }
  return links;
}

for (const [where, screen] of screens) {
  test(`a lead gives every response that a link asks for, at ${where}`, async () => {
    const site = await openYear();
    try {
      const links = await linksByAction(site, 'ccn@');
      for (const [response, action, fields] of leads) {
        const events = Number(await site.ask('events'));
        const page = await browser.newPage(screen);
        await page.goto(links.get(action));
        assert.match(await say(page, response, fields), /Thank you/, response);
        if (screen.javaScriptEnabled) assert.deepEqual(await axeViolations(page), [], response);
        assert.ok(Number(await site.ask('events')) > events, `${response} is on record`);
        await page.context().close();
      }
    } finally {
      await site.close();
    }
  });

  for (const role of ['coordinator', 'admin']) {
    test(`the ${role} records every response, at ${where}`, async () => {
      const site = await openYear();
      try {
        const token = await site.ask(`token ${role}-program ${role}`);
        const page = await browser.newPage({ ...screen, extraHTTPHeaders: { Authorization: `Bearer ${token}` } });
        for (const [response, action, fields] of recorded) {
          const events = Number(await site.ask('events'));
          await page.goto(`${site.staff}/plan/${plan}/action/${action}`);
          // What is finished can be opened again, and nothing else is asked of it.
          const asked = await page.locator('details [name=response]').evaluateAll((all) => all.map((each) => each.value));
          if (response === 'reopen') assert.deepEqual(asked, ['reopen']);
          else assert.ok(!asked.includes('reopen') && asked.includes(response), `${response} among ${asked}`);
          assert.match(await say(page, response, fields), /Recorded/, response);
          const shown = await page.textContent('main');
          for (const word of Object.entries(fields).filter(([name]) => name === 'note')) assert.ok(shown.includes(word[1]), `${response}: ${word[1]}`);
          if (screen.javaScriptEnabled) assert.deepEqual(await axeViolations(page), [], response);
          assert.ok(Number(await site.ask('events')) > events, `${response} is on record`);
        }
      } finally {
        await site.close();
      }
    });
  }
}
