// Mails as people see them: at a phone's width and on a desk, light and dark, and by the rules of accessibility. The
// pictures lie in build/pictures; those approved are in docs/pictures.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { simpleParser } from 'mailparser';
import { axeViolations, openBrowser } from './support/browser.mjs';
import { Site, makeCertificate, root } from './support/chaser.mjs';
import { listen } from './support/smtp.mjs';

const pictures = join(root, 'build/pictures');
const widths = { 320: { width: 320, height: 700 }, desktop: { width: 1280, height: 900 } };

/// The HTML of the mail that one lead gets on the due day.
async function mailOf({ deliver = 'direct', more = '', templates = null }) {
  const site = new Site();
  const certificate = makeCertificate(site.folder);
  const peer = await listen(certificate);
  try {
    if (templates) cpSync(join(root, templates), site.file('templates'), { recursive: true });
    site.write('password', 'correct horse');
    const actions = ['Install 40 chargers in council car parks', 'Publish the heat network study', `One long word: ${'sustainability'.repeat(8)}`]
      .map((title, index) => ({ id: `2.${index + 1}`, title, lead: 'lead', due: '4 January 2027' }));
    site.install({
      channels: `email: { type: smtp, host: localhost, port: ${peer.port}, tls: starttls, ca_file: cert.pem, auth: plain, user: chaser, password_file: password }`,
      parties: [{ id: 'lead', name: 'Siân Lead', email: 'lead@kent.example' }],
      actions: deliver === 'digest' ? actions : actions.slice(0, 1),
      deliver,
      more: templates ? 'templates: templates' : more,
    });
    for (const at of ['2026-12-01T09:00:00Z', '2027-01-04T09:00:00Z']) {
      const ran = await site.pass(at);
      assert.equal(ran.code, 0, ran.err);
    }
    assert.equal(peer.mails.length, 1);
    return (await simpleParser(peer.mails[0].raw)).html;
  } finally {
    await peer.close();
    site.remove();
  }
}

for (const [name, of] of Object.entries({
  direct: {},
  digest: { deliver: 'digest' },
  'welsh-first': { templates: 'config/templates/welsh-first' },
})) {
  test(`the ${name} mail passes the audit, light and dark, and needs no scrolling sideways on a phone`, async () => {
    const html = await mailOf(of);
    mkdirSync(pictures, { recursive: true });
    const browser = await openBrowser();
    try {
      for (const colorScheme of ['light', 'dark']) {
        for (const [width, viewport] of Object.entries(widths)) {
          const page = await browser.newPage({ viewport, colorScheme });
          await page.setContent(html);
          assert.deepEqual(await axeViolations(page), [], `${colorScheme}, ${width}`);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(wide <= viewport.width, `${wide} px wide at ${viewport.width}`);
          await page.screenshot({ path: join(pictures, `mail-${name}-${colorScheme}-${width}.png`), fullPage: true });
        }
      }
    } finally {
      await browser.close();
    }
  });
}
