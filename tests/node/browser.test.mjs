// The tools that other tests trust: the browser starts without the network, and axe sees what is wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axeViolations, openBrowser, phone } from './support/browser.mjs';

test('axe finds a picture without words, and nothing in a page that is well', async () => {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: phone });
    const document = (body) => `<!doctype html><html lang="en"><head><title>Page</title></head><body><main><h1>Page</h1>${body}</main></body></html>`;
    await page.setContent(document('<img src="data:,">'));
    assert.match((await axeViolations(page)).join('\n'), /image-alt/);
    await page.setContent(document('<p>Words</p>'));
    assert.deepEqual(await axeViolations(page), []);
  } finally {
    await browser.close();
  }
});
