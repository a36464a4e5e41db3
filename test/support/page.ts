import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { ensurePage } from '../../scripts/page.mjs';
import { PRESETS } from '../../src/spec/presets.ts';
import { ROOT } from './cli.ts';
import { serve, type TestServer } from './server.ts';

/** Screenshots of the tests: kept for whoever wants to see what they saw. */
const PICTURES = join(ROOT, '.planewright/screenshots');

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['PLANEWRIGHT_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
}

export interface Watched {
  readonly page: Page;
  /** What the console complained about, and what a page did that it should not. */
  readonly complaints: string[];
}

/** A page that keeps what its console complains about; dialogs count, since no script of ours opens one. */
export async function newPage(browser: Browser, colorScheme: 'light' | 'dark' = 'light'): Promise<Watched> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 1000 }, colorScheme });
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, complaints };
}

/** A server and a browser for the tests of a file, and a page for each, which must not have complained by its end. */
export class Pages {
  server!: TestServer;
  browser!: Browser;
  page!: Page;
  complaints: string[] = [];

  constructor() {
    beforeAll(async () => {
      await ensurePage();
      [this.server, this.browser] = await Promise.all([serve(), launch()]);
    }, 120_000);
    afterAll(async () => {
      await this.browser?.close();
      await this.server?.stop();
    });
    beforeEach(async () => {
      ({ page: this.page, complaints: this.complaints } = await newPage(this.browser));
    });
    afterEach(async () => {
      await this.page.close();
      expect(this.complaints).toEqual([]);
    });
  }

  /** Opens a spec by its link and waits for the plan. */
  async open(spec: string = PRESETS['small-32']!): Promise<Page> {
    await this.page.goto(addressOf(this.server.address, spec));
    await settled(this.page);
    return this.page;
  }

  async text(selector: string): Promise<string> {
    return (await this.page.textContent(selector)) ?? '';
  }

  /** What a click lets the reader download. */
  async downloaded(click: () => Promise<void>): Promise<{ name: string; body: string }> {
    const [download] = await Promise.all([this.page.waitForEvent('download'), click()]);
    return { name: download.suggestedFilename(), body: readFileSync(await download.path(), 'utf8') };
  }

  /** Hands files to the page and waits for what comes of them. */
  async drop(...files: readonly (readonly [name: string, text: string])[]): Promise<void> {
    const before = await this.page.getAttribute('main', 'data-outcomes');
    const list = files.map(([name, text]) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) }));
    await this.page.setInputFiles('input[type=file]', list);
    await this.page.waitForFunction(
      ([b, n]) => Number(document.querySelector('main')?.dataset['outcomes']) >= Number(b) + Number(n),
      [before, list.length] as const,
      { timeout: 60_000 },
    );
    await settled(this.page);
  }
}

export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

/** Waits until the engine has answered and nothing is being worked on. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('.status[data-busy="false"]', { timeout: 60_000 });
  await page.waitForSelector('[data-page]', { timeout: 60_000 });
}

export async function look(page: Page, view: string): Promise<void> {
  await page.click(`nav button:text-is("${view}")`);
  await page.waitForFunction(() => document.querySelector('[data-page] .note')?.textContent !== '');
  await page.waitForFunction(() => document.querySelector('[data-charts="waiting"]') === null);
}

/** The address of the page with a spec on it. */
export function addressOf(server: string, spec: string): string {
  const linked = { text: spec, files: {}, without: [], view: 'plan' };
  return `${server}#s=${deflateRawSync(JSON.stringify(linked)).toString('base64url')}`;
}

/** Replaces the spec on the page and waits for its plan, or for its issues. */
export async function write(page: Page, spec: string): Promise<void> {
  const before = await page.getAttribute('main', 'data-outcomes');
  await page.fill('#spec-text', spec);
  await page.waitForFunction((b) => document.querySelector('main')?.dataset['outcomes'] !== b, before, {
    timeout: 60_000,
  });
  await settled(page);
}

const AXE = readFileSync(join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong by WCAG 2.2 AA: rule and element. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(`(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await axe.run(document, { runOnly: { type: 'tag', values: tags } });
    return violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.html.slice(0, 160)));
  })()`);
}
