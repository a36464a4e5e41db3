/**
 * node scripts/screenshots.mjs: takes the pictures of the page that the documents show, from the page as it is. Needs a
 * Chromium (PLANEWRIGHT_CHROMIUM, or Debian's).
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { ensurePage } from './page.mjs';
import { root, setUp } from './setup.mjs';

const SIZE = { width: 1280, height: 1140 };
const QUALITY = 0.8;

/** Each opens a spec on a view, does something there, and names its file. */
const SHOTS = [
  { file: 'docs/page.webp', example: 'deepseek-v3-16k', view: 'fabric', prepare: chooseLink },
  { file: 'docs/scaling.webp', example: 'deepseek-v3', view: 'scaling', prepare: scale },
];

async function chooseLink(page) {
  const after = page.locator('[data-heat] canvas').nth(1);
  await after.waitFor();
  await page.waitForTimeout(500);
  await after.click({ position: { x: 30, y: 40 } });
  await page.waitForSelector('[data-section="selected-flows"]');
  await page.waitForTimeout(500);
}

async function scale(page) {
  await page.click('text="Scale up or out"');
  await page.waitForSelector('[data-chart="scaling-chart"]', { timeout: 120_000 });
  await page.waitForTimeout(300);
}

async function take(browser, address, { file, example, view, prepare }) {
  const text = fs.readFileSync(path.join(root, `examples/${example}.yaml`), 'utf8');
  const linked = JSON.stringify({ text, files: {}, without: [], view });
  const page = await browser.newPage({ viewport: SIZE, colorScheme: 'light' });
  await page.goto(`${address}#s=${deflateRawSync(linked).toString('base64url')}`);
  await page.waitForSelector('.status[data-busy="false"]', { timeout: 120_000 });
  await prepare(page);
  const png = (await page.screenshot()).toString('base64');
  await page.close();
  fs.writeFileSync(path.join(root, file), await toWebp(browser, png));
}

/** Chromium writes no WebP from a screenshot, but from a canvas. */
async function toWebp(browser, png) {
  const page = await browser.newPage();
  const data = await page.evaluate(
    async ([source, quality]) => {
      const image = new Image();
      image.src = `data:image/png;base64,${source}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = image.naturalWidth;
      canvas.height = image.naturalHeight;
      canvas.getContext('2d').drawImage(image, 0, 0);
      return canvas.toDataURL('image/webp', quality);
    },
    [png, QUALITY],
  );
  await page.close();
  return Buffer.from(data.split(',')[1], 'base64');
}

await setUp();
await ensurePage();
const server = spawn(process.execPath, ['dist/cli/main.js', 'serve', '--port', '0', '--workers', '1'], {
  cwd: root,
});
const address = await new Promise((done) => {
  server.stdout.once('data', (line) => done(String(line).trim()));
});
const browser = await chromium.launch({
  executablePath: process.env.PLANEWRIGHT_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
for (const shot of SHOTS) await take(browser, address, shot);
await browser.close();
server.kill();
