// Debian's Chromium, driven over its own protocol: nothing is fetched, no profile is kept.
import { mkdtempSync, rmSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const flags = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--no-first-run', '--disable-dev-shm-usage'];
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const phone = { width: 360, height: 740 };
export const desktop = { width: 1280, height: 900 };

/// Starts a browser with a fresh profile; close() ends it and removes the profile.
export async function openBrowser() {
  const profile = mkdtempSync(join(tmpdir(), 'chaser-browser-'));
  const browser = await chromium.launch({ executablePath, args: [...flags, `--disk-cache-dir=${profile}`], headless: true });
  return {
    newPage: async (options = {}) => (await browser.newContext({ reducedMotion: 'reduce', ...options })).newPage(),
    newContext: (options = {}) => browser.newContext({ reducedMotion: 'reduce', ...options }),
    close: async () => {
      await browser.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/// What axe finds wrong by WCAG 2.2 AA and its best practices, one line each; [] is none.
export async function axeViolations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  return found.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${violation.help}: ${node.html}: ${node.failureSummary ?? ''}`));
}
