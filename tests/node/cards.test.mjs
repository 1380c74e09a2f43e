// Cards as another program takes them: the schema by ajv, Microsoft's own renderer in a browser.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Ajv from 'ajv';
import { openBrowser } from './support/browser.mjs';
import { cardSchema, hostConfig } from './support/cards.mjs';
import { Site, root } from './support/chaser.mjs';
import { oneLine, titles } from './support/corpus.mjs';

const renderer = readFileSync(createRequire(import.meta.url).resolve('adaptivecards/dist/adaptivecards.min.js'), 'utf8');
const pictures = join(root, 'build/pictures');

let posted = [];
let server;
let site;
before(async () => {
  server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      posted.push(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      response.writeHead(202).end();
    });
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  site = new Site();
  site.write('flow', `http://127.0.0.1:${server.address().port}/workflows/1?sig=secret`);
  site.install({
    channels: 'teams: { type: workflows, allow_http_loopback: true, rate: { burst: 0 }, channels: { team: { url_file: flow } } }',
    parties: titles.map((_, index) => ({ id: `lead${index}`, name: `Lead [${index}] *x*`, teams: 'team', teams_upn: `lead${index}@kent.example` })),
    actions: titles.map((title, index) => ({ id: `a${index}`, title, lead: `lead${index}`, due: '4 January 2027' })),
    via: 'teams',
  });
  assert.equal((await site.pass('2026-12-01T09:00:00Z')).code, 0);
  const ran = await site.pass('2027-01-04T09:00:00Z');
  assert.equal(ran.code, 0, ran.err);
});
after(() => {
  server.close();
  site.remove();
});

test('every card is one attachment of a message, by the schema of what Teams shows, and within 20,000 bytes', () => {
  assert.equal(posted.length, titles.length);
  const valid = new Ajv({ strict: false }).compile(cardSchema);
  for (const message of posted) {
    assert.equal(message.type, 'message');
    assert.equal(message.attachments.length, 1);
    assert.equal(message.attachments[0].contentType, 'application/vnd.microsoft.card.adaptive');
    assert.ok(valid(message.attachments[0].content), JSON.stringify(valid.errors));
    assert.ok(Buffer.byteLength(JSON.stringify(message)) <= 20_000);
  }
});

test('the renderer finds nothing wrong, shows every title literally and makes no link of what people wrote', async () => {
  mkdirSync(pictures, { recursive: true });
  const browser = await openBrowser();
  try {
    for (const scheme of ['light', 'dark']) {
      const page = await browser.newPage({ viewport: { width: 480, height: 900 }, colorScheme: scheme });
      await page.setContent('<!doctype html><html><body><div id="card"></div></body></html>');
      await page.addScriptTag({ content: renderer });
      for (const [index, message] of posted.entries()) {
        const shown = await page.evaluate(([card, config]) => {
          const { AdaptiveCard, HostConfig, SerializationContext } = globalThis.AdaptiveCards;
          const adaptive = new AdaptiveCard();
          adaptive.hostConfig = new HostConfig(config);
          const context = new SerializationContext();
          adaptive.parse(card, context);
          const events = Array.from({ length: context.eventCount }, (_, i) => context.getEventAt(i).message);
          const wrong = adaptive.validateProperties().validationEvents.map((event) => event.message);
          const place = document.getElementById('card');
          place.replaceChildren(adaptive.render());
          document.body.style.background = config.containerStyles.default.backgroundColor;
          return { events, wrong, text: place.innerText, links: place.querySelectorAll('a').length };
        }, [message.attachments[0].content, hostConfig(scheme)]);
        assert.deepEqual(shown.events, []);
        assert.deepEqual(shown.wrong, []);
        const text = shown.text.replace(/\s+/g, ' ');
        const title = titles.map(oneLine).find((each) => text.includes([...each].slice(0, 30).join('')));
        assert.ok(title, `card ${index} shows none of the titles: ${text}`);
        assert.equal(shown.links, 0);
        if (index === 1) await page.locator('#card').screenshot({ path: join(pictures, `card-${scheme}.png`) });
      }
    }
  } finally {
    await browser.close();
  }
});
