import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../src/spec/presets.ts';
import { planewright } from '../support/cli.ts';
import { look, newPage, Pages, picture, settled, violations, write } from '../support/page.ts';

const pages = new Pages();
const SMALL = PRESETS['small-32']!;

describe('every view', () => {
  it('shows a real plan, in light and dark, without an axe violation', async () => {
    const page = await pages.open(PRESETS['deepseek-v3']!);
    for (const mode of ['light', 'dark']) {
      for (const view of await page.locator('nav button').allTextContents()) {
        await look(page, view);
        await page.waitForTimeout(400);
        await picture(page, `${view.toLowerCase().replace(' ', '-')}${mode === 'dark' ? '-dark' : ''}`);
        expect({ view, mode, wrong: await violations(page) }).toEqual({ view, mode, wrong: [] });
      }
      await page.click('text="Dark"');
    }
  }, 180_000);

  it('has a table, SVG, PNG and CSV of each of its charts', async () => {
    const page = await pages.open();
    let charts = 0;
    for (const view of ['Plan', 'Hot paths', 'Traffic', 'Step', 'Risk', 'Economy']) {
      await look(page, view);
      for (const chart of await page.locator('figure.chart').all()) {
        charts++;
        for (const what of ['Table', 'SVG', 'PNG', 'CSV'])
          expect(await chart.locator(`button:text-is("${what}")`).count()).toBe(1);
        await chart.locator('button:text-is("Table")').click();
        expect(await chart.locator('tbody tr').count()).toBeGreaterThan(0);
      }
    }
    expect(charts).toBeGreaterThan(14);
  });
});

describe('the fabric', () => {
  it('names the cell under the pointer, its users, and the way of a flow', async () => {
    const page = await pages.open();
    await look(page, 'Fabric');
    const map = page.locator('[data-heat] canvas').first();
    await map.hover({ position: { x: 10, y: 24 } });
    await page.waitForSelector('.says:has-text("leaf000 to spine00: busy for")');
    // And, once the pointer rests, who uses it.
    await page.waitForFunction(() =>
      / in \d+ flows: [\d.]+ % /.test(document.querySelector('.says')!.textContent!),
    );
    await map.click({ position: { x: 10, y: 24 } });
    await page.waitForSelector('[data-section="selected-operations"] tbody tr');
    expect(await pages.text('[data-section="selected-link"] h2')).toContain('leaf000');
    expect(await page.locator('[data-chart="ways"] svg line').count()).toBeGreaterThan(4);
    await page.click('[data-section="selected-flows"] button.link >> nth=0');
    await page.waitForSelector('[data-chart="trace"] svg line', { state: 'attached' });
    expect(await page.locator('[data-chart="trace"] svg line').count()).toBeGreaterThan(3);
    await picture(page, 'fabric-trace');
    await page.click('[data-chart="trace"] button:text-is("Table")');
    // Hop by hop: from the NIC up and down again.
    const hops = await page.locator('[data-chart="trace"] tbody tr td:first-child').allTextContents();
    expect(hops[0]).toMatch(/^node\d+-nic\d+:\d+ -> leaf/);
    expect(hops.at(-1)).toMatch(/^leaf.* -> node/);
  });

  it('is worked by keyboard', async () => {
    const page = await pages.open();
    await look(page, 'Fabric');
    await page.locator('[data-heat] [role="application"]').first().focus();
    for (const key of ['ArrowRight', 'ArrowDown', '+', 'Enter']) await page.keyboard.press(key);
    await page.waitForSelector('[data-section="selected-flows"]');
    expect(await pages.text('[aria-label="Chosen link"]')).toMatch(/leaf001/);
  });

  it.each([
    ['this link', 'link:leaf000-spine00'],
    ['leaf leaf000', 'leaf:leaf000'],
    ['spine spine00', 'spine:spine00'],
  ])('without %s says what changes, and takes it back', async (button, part) => {
    const spine = PRESETS['small-32']!.replace(/\nexpect:[\s\S]*/, '\n');
    const page = await pages.open(spine);
    await look(page, 'Fabric');
    await page
      .locator('[data-heat] canvas')
      .first()
      .click({ position: { x: 10, y: 24 } });
    await page.click(`.take-out button:text-is("${button}")`);
    await page.waitForFunction(() => document.querySelector('.taken-out, .issues .error') !== null);
    await settled(page);
    const expected = planewright(['plan', 'examples/small-32.yaml', '--json', '--fail', part]);
    if (expected.status === 2) {
      expect(await page.locator('.issues .error').count()).toBeGreaterThan(0);
    } else {
      await page.waitForSelector('[data-section="difference"]');
      expect(await pages.text('[data-section="difference"] h2')).toContain(part);
    }
    await page.click(`[aria-label="Put back ${part}"]`);
    await settled(page);
    await page.waitForSelector('.taken-out', { state: 'detached' });
  });
});

it('without a plane says what that does to the time of a step', async () => {
  const spec = SMALL.replace(/\nexpect:[\s\S]*/, '\n').replace(
    'topology: fat-tree',
    'topology: multi-plane-fat-tree, planes: 2',
  );
  const page = await pages.open(spec);
  await look(page, 'Fabric');
  await page
    .locator('[data-heat] canvas')
    .first()
    .click({ position: { x: 10, y: 24 } });
  await page.click('.take-out button:text-is("plane 0")');
  await page.waitForSelector('.taken-out [data-section="difference"]');
  const rows = await page.locator('.taken-out tr').allTextContents();
  // Its flows go over the other plane, which carries them all.
  expect(rows.find((r) => r.startsWith('time of a step'))).toMatch(/\+[1-9]/);
  expect(rows.find((r) => r.startsWith('busiest switch link'))).toMatch(/\+100 %/);
  expect(await pages.text('.taken-out .note')).toContain('other NICs');
});

describe('hot paths and traffic', () => {
  it('tie each hot link to its place on the map', async () => {
    const page = await pages.open();
    await look(page, 'Hot paths');
    await page.waitForSelector('[data-section="hot-table"] tbody tr');
    const link = await pages.text('[data-section="hot-table"] tbody button');
    await page.click('[data-section="hot-table"] tbody button >> nth=0');
    await page.waitForSelector('[data-section="selected-link"]');
    expect(await pages.text('[data-section="selected-link"] h2')).toBe(link);
  });

  it('show the demand between ranks, nodes, leaves and planes', async () => {
    const page = await pages.open();
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
    const page = await pages.open();
    await page.fill('#spec-text', 'model: deepseek-v3\ncluster: {node: hgx-h800, gp');
    await page.locator('#spec-text').press('End');
    await page.keyboard.type('u');
    await page.waitForSelector('#spec-choices [role="option"]:has-text("gpus")');
    await page.keyboard.press('Enter');
    expect(await page.inputValue('#spec-text')).toBe('model: deepseek-v3\ncluster: {node: hgx-h800, gpus');
    await page.fill('#spec-text', 'model: nothing\ncluster: {node: hgx-h800, gpus: 8}\n');
    await page.waitForSelector('.gutter .error:text-is("1")');
    expect(await pages.text('.issues')).toContain("there is no model 'nothing'");
    await picture(page, 'issues');
  });

  it('follows the sliders', async () => {
    const page = await pages.open();
    const gpus = page.locator('#knob-gpus');
    await gpus.focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.querySelector('.figures')?.textContent?.includes('GPUs64'));
    await settled(page);
    expect(await page.inputValue('#spec-text')).toContain('gpus: 64');
  });

  it('comes from a preset, and stays in the address', async () => {
    const page = await pages.open();
    await page.selectOption('.presets select', 'gpt3-175b');
    await page.waitForFunction(() => document.querySelector('.subtitle')?.textContent?.includes('GPT-3'));
    await settled(page);
    await look(page, 'Fabric');
    await page.waitForFunction(() => location.hash.length > 100);
    const address = page.url();
    const second = await newPage(pages.browser);
    await second.page.goto(address);
    await settled(second.page);
    expect(await second.page.textContent('.subtitle')).toContain('GPT-3');
    expect(await second.page.getAttribute('[data-page]', 'data-page')).toBe('fabric');
    await second.page.close();
    expect(second.complaints).toEqual([]);
  });

  it('is an example where the address is damaged', async () => {
    const { page } = pages;
    await page.goto(`${pages.server.address}#s=AAAA`);
    await settled(page);
    expect(await pages.text('.status')).toContain('could not be read');
  });

  it('is compared with one that was kept', async () => {
    const page = await pages.open();
    await page.click('text="Keep to compare"');
    await write(page, SMALL.replace('expert: 16', 'expert: 8'));
    await look(page, 'Compare');
    await page.waitForSelector('[data-section="difference"] tbody tr');
    expect(await pages.text('[data-section="difference"]')).toContain('Qwen3 30B on 32 H100');
    expect(await pages.text('[data-section="difference"]')).toMatch(/[+−]\d/);
    await picture(page, 'compare');
  });
});

it('advises, and applies an item with one click', async () => {
  const page = await pages.open();
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
