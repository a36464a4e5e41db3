import { expect, it } from 'vitest';
import { PRESETS } from '../../src/spec/presets.ts';
import { look, Pages, picture, settled, violations } from '../support/page.ts';

const pages = new Pages();

it('sets up against out, with ceilings, their causes and the frontier, and tells how far it is', async () => {
  const page = await pages.open();
  await look(page, 'Scaling');
  await page.click('text="Scale up or out"');
  await page.waitForFunction(() =>
    /^\d.* %: /.test(document.querySelector('[data-page] .note')?.textContent ?? ''),
  );
  // The page goes on meanwhile, and the answer is there when one comes back.
  await look(page, 'Step');
  await look(page, 'Scaling');
  await page.waitForSelector('[data-chart="scaling-chart"] svg', { timeout: 60_000 });
  for (const id of ['scaling-paths-chart', 'scaling-parts-chart', 'scaling-frontier-chart'])
    expect(await page.locator(`[data-chart="${id}"] svg`).count()).toBe(1);
  await page.click('[data-chart="scaling-paths-chart"] button:text-is("Table")');
  expect(await pages.text('[data-chart="scaling-paths-chart"] table')).toMatch(/reached|not up to here/);
  expect(await pages.text('[data-section="scaling-equivalents"]')).toContain('present GPUs');
  expect(await violations(page)).toEqual([]);
  await picture(page, 'scaling');
}, 90_000);

it('stops when it is told to, and is gone with its plan', async () => {
  const page = await pages.open(PRESETS['deepseek-v3']!);
  await look(page, 'Scaling');
  await page.click('text="Scale up or out"');
  await page.click('text="Stop"');
  await page.waitForSelector('button:text-is("Scale up or out"):enabled');
  expect(await page.locator('[data-chart^="scaling"]').count()).toBe(0);
  await page.click('text="Scale up or out"');
  await page.locator('#knob-precision').press('ArrowLeft');
  await settled(page);
  await page.waitForSelector('button:text-is("Scale up or out"):enabled');
});

const KNOBS: readonly (readonly [id: string, key: string, becomes: RegExp])[] = [
  ['planes', 'ArrowLeft', /planes: 4/],
  ['layers', 'ArrowRight', /layers: 3/],
  ['oversubscription', 'ArrowRight', /oversubscription: 1\.5/],
  ['expert', 'ArrowLeft', /expert: 32/],
  ['precision', 'ArrowLeft', /precision: bf16/],
  ['mttf', 'ArrowRight', /mttfPerGpu: 50000 h/],
  ['checkpoint', 'ArrowRight', /interval: 1 min/],
  ['storage', 'ArrowRight', /storage: 5 TB\/s/],
  ['gpus', 'ArrowLeft', /gpus: 1024/],
];

it('has a slider for what people vary, each of which makes another plan', async () => {
  const page = await pages.open(PRESETS['deepseek-v3']!.replace(/\nexpect:[\s\S]*/, '\n'));
  for (const [id, key, becomes] of KNOBS) {
    const before = await page.getAttribute('main', 'data-outcomes');
    await page.locator(`#knob-${id}`).press(key);
    await page.waitForFunction((b) => document.querySelector('main')?.dataset['outcomes'] !== b, before);
    await settled(page);
    expect(await page.inputValue('#spec-text'), id).toMatch(becomes);
  }
  expect(await pages.text('output[for="knob-mttf"]')).toBe('50,000 h');
}, 60_000);
