import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensurePage } from '../../scripts/page.mjs';
import { PRESETS } from '../../src/spec/presets.ts';
import { planewright } from '../support/cli.ts';
import { addressOf, launch, look, newPage, picture, settled, violations, write } from '../support/page.ts';
import { serve, type TestServer } from '../support/server.ts';

let server: TestServer;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  await ensurePage();
  [server, browser] = await Promise.all([serve(), launch()]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(async () => {
  ({ page, complaints } = await newPage(browser));
});
afterEach(async () => {
  await page.close();
  expect(complaints).toEqual([]);
});

const SMALL = PRESETS['small-32']!;

async function open(spec = SMALL): Promise<void> {
  await page.goto(addressOf(server.address, spec));
  await settled(page);
}

async function text(selector: string): Promise<string> {
  return (await page.textContent(selector)) ?? '';
}

/** What a click lets the reader download. */
async function downloaded(click: () => Promise<void>): Promise<{ name: string; body: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  return { name: download.suggestedFilename(), body: readFileSync(await download.path(), 'utf8') };
}

describe('every view', () => {
  it('shows a real plan, in light and dark, without an axe violation', async () => {
    await open(PRESETS['deepseek-v3']!);
    for (const view of await page.locator('nav button').allTextContents()) {
      await look(page, view);
      await page.waitForTimeout(400);
      await picture(page, view.toLowerCase().replace(' ', '-'));
      expect({ view, wrong: await violations(page) }).toEqual({ view, wrong: [] });
    }
    await page.click('text="Dark"');
    for (const view of ['Plan', 'Fabric', 'Economy']) {
      await look(page, view);
      await page.waitForTimeout(400);
      await picture(page, `${view.toLowerCase()}-dark`);
      expect({ view, wrong: await violations(page) }).toEqual({ view, wrong: [] });
    }
  }, 120_000);
});

describe('the fabric', () => {
  it('names the cell under the pointer, its users, and the way of a flow', async () => {
    await open();
    await look(page, 'Fabric');
    const map = page.locator('[data-heat] canvas').first();
    await map.hover({ position: { x: 10, y: 24 } });
    await page.waitForSelector('.says:has-text("leaf000 to spine00: busy for")');
    await map.click({ position: { x: 10, y: 24 } });
    await page.waitForSelector('[data-section="selected-operations"] tbody tr');
    expect(await text('[data-section="selected-link"] h2')).toContain('leaf000');
    await page.click('[data-section="selected-flows"] button.link >> nth=0');
    await page.waitForSelector('[data-chart="trace"] svg line', { state: 'attached' });
    expect(await page.locator('[data-chart="trace"] svg line').count()).toBeGreaterThan(3);
    await picture(page, 'fabric-trace');
  });

  it('is worked by keyboard', async () => {
    await open();
    await look(page, 'Fabric');
    await page.locator('[data-heat] [role="application"]').first().focus();
    for (const key of ['ArrowRight', 'ArrowDown', '+', 'Enter']) await page.keyboard.press(key);
    await page.waitForSelector('[data-section="selected-flows"]');
    expect(await text('[aria-label="Chosen link"]')).toMatch(/leaf001/);
  });

  it.each([
    ['this link', 'link:leaf000-spine00'],
    ['leaf leaf000', 'leaf:leaf000'],
    ['spine spine00', 'spine:spine00'],
  ])('without %s says what changes, and takes it back', async (button, part) => {
    const spine = PRESETS['small-32']!.replace(/\nexpect:[\s\S]*/, '\n');
    await open(spine);
    await look(page, 'Fabric');
    await page
      .locator('[data-heat] canvas')
      .first()
      .click({ position: { x: 10, y: 24 } });
    await page.click(`.take-out button:text-is("${button}")`);
    await page.waitForFunction(() => document.querySelector('.taken-out, .issues .error') !== null);
    await settled(page);
    const expected = planewright(['plan', 'examples/small-32.yaml', '--json', '--without', part]);
    if (expected.status === 2) {
      expect(await page.locator('.issues .error').count()).toBeGreaterThan(0);
    } else {
      await page.waitForSelector('[data-section="difference"]');
      expect(await text('[data-section="difference"] h2')).toContain(part);
    }
    await page.click(`[aria-label="Put back ${part}"]`);
    await settled(page);
    await page.waitForSelector('.taken-out', { state: 'detached' });
  });
});

describe('hot paths and traffic', () => {
  it('tie each hot link to its place on the map', async () => {
    await open();
    await look(page, 'Hot paths');
    await page.waitForSelector('[data-section="hot-table"] tbody tr');
    const link = await text('[data-section="hot-table"] tbody button');
    await page.click('[data-section="hot-table"] tbody button >> nth=0');
    await page.waitForSelector('[data-section="selected-link"]');
    expect(await text('[data-section="selected-link"] h2')).toBe(link);
  });

  it('show the demand between ranks, nodes, leaves and planes', async () => {
    await open();
    await look(page, 'Traffic');
    for (const level of ['leaf', 'node', 'rank', 'plane']) {
      await page.selectOption('select >> nth=1', level);
      await page.waitForSelector(`[data-heat="demand-${level}"] canvas, .note:has-text("Nothing")`);
    }
    await page.selectOption('select >> nth=1', 'leaf');
    await page.locator('[data-heat] canvas').hover({ position: { x: 30, y: 24 } });
    await page.waitForSelector('.says:has-text("from leaf000 to leaf001")');
  });
});

describe('the spec', () => {
  it('is completed from the schema and marked where it is wrong', async () => {
    await open();
    await page.fill('#spec-text', 'model: deepseek-v3\ncluster: {node: hgx-h800, gp');
    await page.locator('#spec-text').press('End');
    await page.keyboard.type('u');
    await page.waitForSelector('#spec-choices [role="option"]:has-text("gpus")');
    await page.keyboard.press('Enter');
    expect(await page.inputValue('#spec-text')).toBe('model: deepseek-v3\ncluster: {node: hgx-h800, gpus');
    await page.fill('#spec-text', 'model: nothing\ncluster: {node: hgx-h800, gpus: 8}\n');
    await page.waitForSelector('.gutter .error:text-is("1")');
    expect(await text('.issues')).toContain("there is no model 'nothing'");
    await picture(page, 'issues');
  });

  it('follows the sliders', async () => {
    await open();
    const gpus = page.locator('#knob-gpus');
    await gpus.focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.querySelector('.figures')?.textContent?.includes('GPUs64'));
    await settled(page);
    expect(await page.inputValue('#spec-text')).toContain('gpus: 64');
  });

  it('comes from a preset, and stays in the address', async () => {
    await open();
    await page.selectOption('.presets select', 'gpt3-175b');
    await page.waitForFunction(() => document.querySelector('.subtitle')?.textContent?.includes('GPT-3'));
    await settled(page);
    await look(page, 'Fabric');
    await page.waitForFunction(() => location.hash.length > 100);
    const address = page.url();
    const second = await newPage(browser);
    await second.page.goto(address);
    await settled(second.page);
    expect(await second.page.textContent('.subtitle')).toContain('GPT-3');
    expect(await second.page.getAttribute('[data-page]', 'data-page')).toBe('fabric');
    await second.page.close();
    expect(second.complaints).toEqual([]);
  });

  it('is an example where the address is damaged', async () => {
    await page.goto(`${server.address}#s=AAAA`);
    await settled(page);
    expect(await text('.status')).toContain('could not be read');
  });

  it('is compared with one that was kept', async () => {
    await open();
    await page.click('text="Keep to compare"');
    await write(page, SMALL.replace('expert: 16', 'expert: 8'));
    await look(page, 'Compare');
    await page.waitForSelector('[data-section="difference"] tbody tr');
    expect(await text('[data-section="difference"]')).toContain('Qwen3 30B on 32 H100');
    expect(await text('[data-section="difference"]')).toMatch(/[+−]\d/);
    await picture(page, 'compare');
  });
});

it('advises, and applies an item with one click', async () => {
  await open();
  await look(page, 'Advice');
  await page.click('text="Try every known optimisation"');
  await page.waitForSelector('[data-section="advice"]', { timeout: 100_000 });
  expect(await violations(page)).toEqual([]);
  await picture(page, 'advice');
  const before = await page.inputValue('#spec-text');
  await page.click('[data-section="apply"] button >> nth=0');
  await page.waitForFunction(
    (b) => document.querySelector<HTMLTextAreaElement>('#spec-text')?.value !== b,
    before,
  );
  await settled(page);
  expect(await page.locator('.issues .error').count()).toBe(0);
}, 120_000);

describe('files', () => {
  it('are those of the command, byte for byte', async () => {
    await open();
    const plan = await downloaded(() => page.click('.files button:text-is("plan.json")'));
    expect(plan.body).toBe(planewright(['plan', 'examples/small-32.yaml', '--json']).stdout);
    const names = await page.locator('.files button').allTextContents();
    expect(names).toContain('routes.json');
    expect(names).toContain('uplinks.svg');
  });

  it('are there for every chart: SVG, PNG, CSV and a table', async () => {
    await open();
    const chart = '[data-chart="routing"]';
    const svg = await downloaded(() => page.click(`${chart} >> text="SVG"`));
    expect(svg.body).toMatch(/^<svg xmlns/);
    const csv = await downloaded(() => page.click(`${chart} >> text="CSV"`));
    expect(csv.body.split('\r\n')[0]).toBe('routing,busiest link');
    const png = await downloaded(() => page.click(`${chart} >> text="PNG"`));
    expect(png.name).toBe('routing.png');
    await page.click(`${chart} >> text="Table"`);
    expect(await page.locator(`${chart} table`).count()).toBe(1);
  });

  it('dropped on the page are read: a fabric dump, then a matrix on it', async () => {
    await open();
    const buffer = readFileSync('test/fixtures/irregular.ibnetdiscover');
    await page.setInputFiles('input[type=file]', {
      name: 'dump.ibnetdiscover',
      mimeType: 'text/plain',
      buffer,
    });
    await page.waitForSelector('text="Back to the spec"');
    await settled(page);
    await page.waitForFunction(
      () => document.querySelector('.subtitle')?.textContent === 'dump.ibnetdiscover',
    );
    await look(page, 'Fabric');
    await page.waitForSelector('[data-heat] canvas');
    await page.waitForTimeout(300);
    await picture(page, 'dropped-fabric');
    await page.click('text="Back to the spec"');
    await settled(page);
    await look(page, 'Plan');
    const nics = await downloaded(() => page.click('.files button:text-is("traffic-nic.csv")'));
    const body = nics.body.split('\n').slice(0, 4).join('\n');
    await page.setInputFiles('input[type=file]', {
      name: 'mine.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(body),
    });
    await page.waitForFunction(() => document.querySelector('.ask .note')?.textContent?.includes('mine.csv'));
    await settled(page);
  });
});

it('draws a training log that is dropped on it', async () => {
  await open();
  const buffer = readFileSync('examples/logs/eventful.csv');
  await page.setInputFiles('input[type=file]', { name: 'eventful.csv', mimeType: 'text/csv', buffer });
  await page.waitForSelector('[data-chart="log-loss"] text:has-text("divergence")');
  expect(await violations(page)).toEqual([]);
  await picture(page, 'log');
  await page.click('text="Back to the spec"');
  await page.waitForFunction(() => document.querySelector('.subtitle')?.textContent?.includes('Qwen3'));
});

it('opens reports offline, without a complaint', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'planewright-report-')), 'report.html');
  expect(planewright(['plan', 'examples/small-32.yaml', '--html', file]).status).toBe(0);
  await page.context().setOffline(true);
  await page.goto(`file://${file}`);
  expect(await text('h1')).toBe('Qwen3 30B on 32 H100');
  expect(await page.locator('figure svg').count()).toBeGreaterThan(8);
  expect(await violations(page)).toEqual([]);
  const csv = await downloaded(() => page.click('[data-csv="routing"]'));
  expect(csv.body.split('\r\n')[0]).toContain('busiest link');
  await page.click('[data-do="theme"]');
  expect(await violations(page)).toEqual([]);
  await page.emulateMedia({ media: 'print' });
  await picture(page, 'report-print');
});

describe('hostile names', () => {
  const names = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '"><svg onload=alert(1)>',
    'x'.repeat(10_000),
  ];

  it.each(names)('%.40s is only ever text', async (name) => {
    await open();
    await write(page, `name: ${JSON.stringify(`${name}\u0007`)}\n${SMALL.replace(/^name:.*$/m, '')}`);
    for (const view of ['Plan', 'Fabric', 'Traffic']) await look(page, view);
    expect(await page.locator('main script, main img, svg [onload]').count()).toBe(0);
    // A name of 10,000 characters is refused; the others are compared by it.
    if ((await page.locator('.issues .error').count()) > 0) return;
    await page.click('text="Keep to compare"');
    await look(page, 'Compare');
    await page.waitForSelector('[data-section="difference"]');
  });
});
