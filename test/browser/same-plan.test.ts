import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { planewright, ROOT } from '../support/cli.ts';

/**
 * The engine runs unbundled in a real browser: the page imports the built modules, so whatever needs Node fails
 * here. The plan must be the command's, byte for byte.
 */
const PAGE = `<!doctype html><script type="importmap">${JSON.stringify({
  imports: { zod: '/node_modules/zod/index.js', yaml: '/node_modules/yaml/browser/index.js' },
})}</script>`;

const server = createServer((request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
  if (path === '/') return response.setHeader('content-type', 'text/html').end(PAGE);
  try {
    const body = readFileSync(join(ROOT, path));
    response.setHeader('content-type', extname(path) === '.js' ? 'text/javascript' : 'text/plain');
    response.end(body);
  } catch {
    response.statusCode = 404;
    response.end();
  }
  return response;
});

let origin = '';
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((done) => server.close(done)));

it.each(['small-32', 'deepseek-v3'])(
  '%s: Chromium makes the plan that the command makes',
  async (name) => {
    const browser = await chromium.launch({
      executablePath: process.env['PLANEWRIGHT_CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
      ],
    });
    try {
      const page = await browser.newPage();
      await page.goto(origin);
      // As text: the test runner would rewrite the import for itself.
      const plan = await page.evaluate(`(async () => {
      const { planText } = await import('/dist/index.js');
      return planText(await (await fetch('/examples/${name}.yaml')).text());
    })()`);
      expect(plan).toBe(planewright(['plan', `examples/${name}.yaml`, '--json']).stdout);
    } finally {
      await browser.close();
    }
  },
  120_000,
);
