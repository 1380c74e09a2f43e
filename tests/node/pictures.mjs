// The pictures of docs/WEB.md and of mails in docs/TEMPLATES.md, made anew: node tests/node/pictures.mjs [FOLDER [NAME...]]. The site and its clock are those
// of the tests, so that the same pages give the same pictures. Says where a page is too wide or axe finds something.
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
process.env.CHASER_SOURCE_DIR ??= root;
process.env.CHASER_BUILD_DIR ??= join(root, 'build');
const { axeViolations, desktop, openBrowser, phone } = await import('./support/browser.mjs');
const { linksOf, openSite } = await import('./support/site.mjs');

const [folder = join(root, 'docs/pictures'), ...only] = process.argv.slice(2);
const heightMax = { desktop: 1500, phone: 1800 };
mkdirSync(folder, { recursive: true });

const site = await openSite('2026-10-06T09:00:00+01:00');
const token = await site.ask('token pictures coordinator');
await site.ask('account coordinator coordinator correct-horse-battery');
const headers = { Authorization: `Bearer ${token}` };

async function say(action, party, fields) {
  const answer = await fetch(`${site.staff}/plan/kent-medway/action/${action}`, {
    method: 'POST', headers, body: new URLSearchParams({ party, ...fields }), redirect: 'manual',
  });
  if (answer.status !== 303) throw new Error(`${action} ${party}: ${answer.status} ${/<li>(.*?)<\/li>/.exec(await answer.text())?.[1]}`);
}

await site.ask('until 2026-12-23T10:00:00Z');
await say('7.3', 'ccn', { response: 'update', note: 'Draft with the county’s lawyers; cabinet in February.', status: 'in_progress', percent: '60', rag: 'amber' });
await say('7.2', 'kcc', { response: 'update', note: '455,000 trees stand; two nurseries are late.', value: '455000', rag: 'green' });
await site.ask('until 2027-01-04T10:00:00Z');
await say('2.1', 'ccn', { response: 'extension', due: '2027-03-31', note: 'Legal needs until March to agree the wording.' });
await say('5.3', 'hr-dover', { response: 'done', note: 'Car club agreed, leases signed.', evidence: 'https://dover.example/travel-policy' });
await site.ask('until 2027-01-08T10:00:00Z');

const mails = (await site.mails()).filter((mail) => mail.to.value[0].address === 'ccn@kent.example');
const linksTo = (kind) => mails.flatMap((mail) => linksOf(mail, site)).filter((link) => link.includes(kind)).reverse();
let asked = 0;
async function linkTo(kind, words) {
  for (const link of linksTo(kind)) if ((await (await fetch(link, { headers: { 'X-Real-IP': `10.9.0.${asked++ % 250}` } })).text()).includes(words)) return link;
  throw new Error(`no link ${kind} leads to "${words}"`);
}
const open = (words) => async (page) => page.locator('summary', { hasText: words }).first().click();
const rules = encodeURIComponent(join(process.env.CHASER_SOURCE_DIR, 'rules/deadlines.yaml'));

/// Name, place, in which shapes, and what is done on the page before it is taken.
const pages = [
  ['today', '/', ['desktop-light', 'desktop-dark', 'phone-light', 'phone-dark']],
  ['plan', '/plan', ['desktop-light', 'desktop-dark', 'phone-light']],
  ['action', '/plan/kent-medway/action/2.1', ['desktop-light', 'phone-light']],
  ['upcoming', '/upcoming', ['desktop-light', 'phone-light']],
  ['decisions', '/decisions', ['desktop-light', 'phone-light']],
  ['deliveries', '/deliveries', ['desktop-light']],
  ['message', '/deliveries/3', ['desktop-light']],
  ['people', '/people', ['desktop-light']],
  ['person', '/people/ccn', ['desktop-light']],
  ['rules', '/rules', ['desktop-light']],
  ['try', `/rules/try?file=${rules}`, ['desktop-light'], async (page) => {
    const area = page.locator('textarea');
    await area.fill((await area.inputValue()).replace('at: -5wd', 'at: -9wd'));
    await page.click('button:has-text("See what it would change")');
  }],
  ['import', '/import', ['desktop-light']],
  ['report', '/report', ['desktop-light', 'desktop-dark', 'phone-light']],
  ['sign-in', '/sign-in', ['desktop-light']],
  ['missing', '/nothing', ['phone-light']],
  ['answer', await linkTo('/a/', 'Need more time'), ['phone-light', 'phone-dark', 'desktop-light'], open('Need more time')],
  ['mine', await linkTo('/m/', 'Your actions'), ['phone-light']],
];

const browser = await openBrowser();
for (const [name, path, shapes, prepare] of pages) {
  if (only.length > 0 && !only.includes(name)) continue;
  for (const shape of shapes) {
    const [size, colorScheme] = shape.split('-');
    const viewport = size === 'phone' ? phone : desktop;
    const ours = path.startsWith('/');
    const page = await browser.newPage({ viewport, colorScheme, extraHTTPHeaders: ours && name !== 'sign-in' ? headers : {} });
    await page.goto(ours ? site.staff + path : path);
    await prepare?.(page);
    const [width, height] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
    await page.screenshot({
      path: join(folder, `${name}-${shape}.png`), fullPage: true,
      clip: { x: 0, y: 0, width: viewport.width, height: Math.min(height, heightMax[size]) },
    });
    if (width > viewport.width) console.log(`${name}-${shape}: ${width} px wide`);
    for (const found of await axeViolations(page)) console.log(`${name}-${shape}: ${found}`);
    await page.context().close();
  }
}
/// A mail of the same weeks at a phone's width and on a desk, as far as a reader sees it at first.
async function takeMail(name, mail) {
  if (only.length > 0 && !only.includes(name)) return;
  if (!mail) throw new Error(`no mail for ${name}`);
  for (const [size, viewport, height] of [['320', { width: 320, height: 700 }, 1200], ['desktop', { width: 1000, height: 700 }, 900]]) {
    for (const colorScheme of ['light', 'dark']) {
      const page = await browser.newPage({ viewport, colorScheme });
      await page.setContent(mail.html);
      const [width, whole] = await page.evaluate(() => [document.documentElement.scrollWidth, document.body.scrollHeight]);
      await page.screenshot({
        path: join(folder, `${name}-${colorScheme}-${size}.png`), fullPage: true,
        clip: { x: 0, y: 0, width: viewport.width, height: Math.min(whole, height) },
      });
      if (width > viewport.width) console.log(`${name}-${colorScheme}-${size}: ${width} px wide`);
      for (const found of await axeViolations(page)) console.log(`${name}-${colorScheme}-${size}: ${found}`);
      await page.context().close();
    }
  }
}
const isDigest = (mail) => mail.headers.get('list')?.unsubscribe !== undefined;
await takeMail('mail-direct', mails.find((mail) => !isDigest(mail) && mail.subject.startsWith('Due in 5 working days')));
await takeMail('mail-digest', (await site.mails()).filter(isDigest).sort((a, b) => b.html.length - a.html.length)[0]);

await browser.close();
await site.close();
