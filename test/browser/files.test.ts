import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../src/spec/presets.ts';
import { planewright } from '../support/cli.ts';
import { HOSTILE, hostileFiles, LONG } from '../support/hostile.ts';
import { look, Pages, picture, settled, violations, write } from '../support/page.ts';

const pages = new Pages();
const SMALL = PRESETS['small-32']!;

describe('files', () => {
  it('are those of the command, byte for byte', async () => {
    const page = await pages.open();
    const plan = await pages.downloaded(() => page.click('.files button:text-is("plan.json")'));
    expect(plan.body).toBe(planewright(['plan', 'examples/small-32.yaml', '--json']).stdout);
    const names = await page.locator('.files button').allTextContents();
    expect(names).toContain('routes.json');
    expect(names).toContain('uplinks.svg');
  });

  it('are there for every chart: SVG, PNG, CSV and a table', async () => {
    const page = await pages.open();
    const chart = '[data-chart="routing"]';
    const svg = await pages.downloaded(() => page.click(`${chart} >> text="SVG"`));
    expect(svg.body).toMatch(/^<svg xmlns/);
    const csv = await pages.downloaded(() => page.click(`${chart} >> text="CSV"`));
    expect(csv.body.split('\r\n')[0]).toBe('routing,busiest link');
    const png = await pages.downloaded(() => page.click(`${chart} >> text="PNG"`));
    expect(png.name).toBe('routing.png');
    await page.click(`${chart} >> text="Table"`);
    expect(await page.locator(`${chart} table`).count()).toBe(1);
  });

  it('dropped on the page are read: a fabric dump, then a matrix on it', async () => {
    const page = await pages.open();
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
    const nics = await pages.downloaded(() => page.click('.files button:text-is("traffic-nic.csv")'));
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
  const page = await pages.open();
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
  const { page } = pages;
  await page.context().setOffline(true);
  await page.goto(`file://${file}`);
  expect(await pages.text('h1')).toBe('Qwen3 30B on 32 H100');
  expect(await page.locator('figure svg').count()).toBeGreaterThan(8);
  expect(await violations(page)).toEqual([]);
  const csv = await pages.downloaded(() => page.click('[data-csv="routing"]'));
  expect(csv.body.split('\r\n')[0]).toContain('busiest link');
  await page.click('[data-do="theme"]');
  expect(await violations(page)).toEqual([]);
  await page.emulateMedia({ media: 'print' });
  await picture(page, 'report-print');
});

describe('fabrics that are dropped', () => {
  const dump = readFileSync('test/fixtures/irregular.ibnetdiscover', 'utf8');

  it('are compared side by side, with what is cabled otherwise as repairs', async () => {
    const page = await pages.open();
    // Of two cables between a leaf and a spine one is gone, at both ends.
    const cut = dump
      .replace(/^\[22\].*S-7c20000000000200.*\n/m, '')
      .replace(/^\[2\].*S-7c10000000000100.*\n/m, '');
    expect(cut.length).toBeLessThan(dump.length);
    await pages.drop(['drawing.ibnetdiscover', dump], ['today.ibnetdiscover', cut]);
    await page.waitForSelector('[data-section="repairs-0"] tbody tr', { timeout: 30_000 });
    const table = await pages.text('[data-section="difference"]');
    expect(table).toContain('drawing.ibnetdiscover');
    expect(table).toContain('links between switches');
    expect(await pages.text('[data-section="differences-0"]')).toMatch(/missing/);
    expect(await violations(page)).toEqual([]);
    await picture(page, 'compare-fabrics');
    // A part taken out of one says what that changes.
    await look(page, 'Fabric');
    await page
      .locator('[data-heat] canvas')
      .first()
      .click({ position: { x: 10, y: 24 } });
    await page.click('.take-out button:text-is("this link")');
    await page.waitForSelector('.taken-out [data-section="difference"]');
  });

  it('stand against the network of the spec', async () => {
    const page = await pages.open();
    await pages.drop(['today.ibnetdiscover', dump]);
    await look(page, 'Compare');
    await page.click('text="Keep the network of the spec"');
    await page.waitForSelector('[data-section="difference"] tbody tr', { timeout: 30_000 });
    expect(await pages.text('[data-section="difference"]')).toContain('network of Qwen3 30B');
  });
});

/** What sticks out of the window where it does not scroll within itself. */
const WIDER = `document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll('body *')]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && e.closest('.table-wrap, textarea') === null)
    .map((e) => e.outerHTML.slice(0, 120))`;

describe('hostile names', () => {
  const safe = async (): Promise<void> => {
    const { page } = pages;
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(await page.locator('main script, main img, svg [onload], aside img, [onerror]').count()).toBe(0);
    // Nothing pushes the page wider than its window.
    expect(await page.evaluate(WIDER)).toEqual([]);
  };

  it.each([
    ['of code and control characters', HOSTILE.join(' ')],
    ['of 10,000 characters', LONG],
  ])('%s in a spec are only ever text', async (_, name) => {
    const page = await pages.open();
    await write(page, `name: ${JSON.stringify(name)}\n${SMALL.replace(/^name:.*$/m, '')}`);
    for (const view of ['Plan', 'Fabric', 'Traffic', 'Step']) await look(page, view);
    await safe();
    // A name of 10,000 characters is refused; the others are compared by it.
    if ((await page.locator('.issues .error').count()) > 0) return;
    await page.click('text="Keep to compare"');
    await look(page, 'Compare');
    await page.waitForSelector('[data-section="difference"]');
    await safe();
  });

  it.each([
    ['of code and control characters', HOSTILE],
    ['of 10,000 characters', [LONG]],
  ])(
    '%s in files that are dropped are only ever text',
    async (_, names) => {
      const page = await pages.open();
      let drawn = 0;
      for (const file of hostileFiles(names)) {
        await pages.drop(file);
        await safe();
        const views = await page.locator('nav button').allTextContents();
        for (const view of views) {
          await look(page, view);
          await safe();
        }
        if (views.includes('Fabric') && (await page.locator('text="Back to the spec"').count()) > 0) {
          drawn++;
          await look(page, 'Fabric');
          await page
            .locator('[data-heat] canvas')
            .first()
            .click({ position: { x: 6, y: 20 } });
          await page.waitForSelector('[data-section="selected-link"]');
          await safe();
        }
        // And the page goes on: the preset plans as before.
        await page.selectOption('.presets select', 'small-32');
        await settled(page);
        expect(await pages.text('.figures')).toContain('GPUs32');
      }
      // The dump and the graph at least are fabrics that can be looked at.
      expect(drawn).toBeGreaterThan(1);
    },
    60_000,
  );
});
