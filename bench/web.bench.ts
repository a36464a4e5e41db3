import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium, type Page } from 'playwright-core';
import { PRESETS } from '../src/spec/presets.ts';
import { bench, Timed } from './harness.ts';

/**
 * The page in a headless Chromium with software rendering, served from this machine. Times are the page's own, by its clock,
 * so that what drives it does not count. Without a Chromium there is nothing to measure.
 */
const CHROMIUM = process.env['PLANEWRIGHT_CHROMIUM'] ?? '/usr/bin/chromium';

interface State {
  readonly close: () => Promise<void>;
  readonly page: Page;
  readonly address: string;
  readonly spec: string;
}

async function open(spec: string): Promise<State> {
  execFileSync(process.execPath, ['scripts/page.mjs'], { stdio: 'ignore' });
  const server = spawn(process.execPath, ['dist/cli/main.js', 'serve', '--port', '0', '--workers', '1']);
  const address = await new Promise<string>((done) => {
    server.stdout.once('data', (line) => done(String(line).trim()));
  });
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
  await page.goto(address);
  await page.waitForSelector('[data-page]', { timeout: 120_000 });
  const close = async (): Promise<void> => {
    await browser.close();
    server.kill();
  };
  return { close, page, address, spec };
}

let seed = 100;

interface Slid {
  readonly first: number;
  readonly whole: number;
  readonly longest: number;
}

/** Another seed, so that nothing is remembered; then the precision by its slider, as a reader would. Milliseconds. */
async function slide({ page, spec }: State): Promise<Slid> {
  const before = await page.getAttribute('main', 'data-outcomes');
  await page.fill('#spec-text', spec.replace(/^seed: \d+/m, `seed: ${seed++}`));
  await page.waitForFunction((b) => document.querySelector('main')!.dataset['outcomes'] !== b, before, {
    timeout: 120_000,
  });
  await page.waitForSelector('.status[data-busy="false"]');
  return page.evaluate(async () => {
    const main = document.querySelector('main')!;
    const knob = document.querySelector<HTMLInputElement>('#knob-precision')!;
    let longest = 0;
    const tasks = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) longest = Math.max(longest, entry.duration);
    });
    tasks.observe({ type: 'longtask' });
    const changed = (what: Element, options: MutationObserverInit) =>
      new Promise<number>((done) => {
        const observer = new MutationObserver(() => {
          observer.disconnect();
          done(performance.now());
        });
        observer.observe(what, { subtree: true, childList: true, characterData: true, ...options });
      });
    const began = performance.now();
    const first = changed(document.querySelector('.figures')!, {});
    const whole = changed(main, { subtree: false, childList: false, characterData: false, attributes: true });
    knob.value = knob.value === '0' ? '1' : '0';
    knob.dispatchEvent(new Event('input', { bubbles: true }));
    const times = { first: (await first) - began, whole: (await whole) - began };
    await new Promise((done) => setTimeout(done, 200));
    tasks.disconnect();
    return { ...times, longest };
  });
}

const SIZES = [
  { title: '2,048 GPUs', preset: 'deepseek-v3', seconds: 0.1 },
  { title: '16,384 GPUs', preset: 'deepseek-v3-16k', seconds: 0.5 },
] as const;

const at = (preset: string) => ({
  group: 'web',
  setup: ({ smoke }: { smoke: boolean }) => open(PRESETS[smoke ? 'small-32' : preset]!),
  teardown: ({ close }: State) => close(),
  runs: 3,
});

if (existsSync(CHROMIUM)) {
  for (const { title, preset, seconds } of SIZES) {
    bench({
      name: `page: slider to first figures, ${title}`,
      ...at(preset),
      run: async (state) => new Timed((await slide(state)).first / 1000),
      bar: { seconds },
    });
    bench({
      name: `page: slider to whole plan, ${title}`,
      ...at(preset),
      run: async (state) => new Timed((await slide(state)).whole / 1000),
      bar: { seconds },
    });
  }
  bench({
    name: 'page: longest task of the main thread while 16,384 GPUs are planned',
    ...at('deepseek-v3-16k'),
    run: async (state) => new Timed((await slide(state)).longest / 1000),
    bar: { seconds: 0.05 },
    note: '0: none longer than 50 ms, which is what browsers report',
  });
  bench({
    name: 'page: first useful paint',
    ...at('deepseek-v3'),
    run: async ({ page, address }) => {
      await page.goto('about:blank');
      await page.goto(address);
      await page.waitForFunction(
        () => (document.querySelector<HTMLTextAreaElement>('#spec-text')?.value ?? '') !== '',
      );
      // Since the navigation began, by the page's clock.
      return new Timed((await page.evaluate(() => performance.now())) / 1000);
    },
    bar: { seconds: 1 },
    note: 'until the spec and its sliders are drawn',
  });
  bench({
    name: 'page: a frame of the heat maps, 16,384 GPUs',
    ...at('deepseek-v3-16k'),
    run: heatFrame,
    bar: { seconds: 0.06 },
    note: 'mean of 20 zoom steps, two panels of 16,384 cells',
  });
}

async function heatFrame({ page, spec }: State): Promise<Timed> {
  const before = await page.getAttribute('main', 'data-outcomes');
  await page.fill('#spec-text', spec.replace(/^seed: \d+/m, `seed: ${seed++}`));
  await page.waitForFunction((b) => document.querySelector('main')!.dataset['outcomes'] !== b, before, {
    timeout: 120_000,
  });
  await page.click('nav button:text-is("Fabric")');
  await page.waitForSelector('[data-heat] canvas');
  await page.waitForTimeout(500);
  const frame = await page.evaluate(async () => {
    const canvases = [...document.querySelectorAll('[data-heat] canvas')];
    const next = () => new Promise<number>((done) => requestAnimationFrame(done));
    const steps = 20;
    await next();
    const began = performance.now();
    for (let i = 0; i < steps; i++) {
      for (const canvas of canvases) {
        const deltaY = i < steps / 2 ? -100 : 100;
        canvas.dispatchEvent(new WheelEvent('wheel', { deltaY, bubbles: true, cancelable: true }));
      }
      await next();
    }
    return (performance.now() - began) / steps;
  });
  return new Timed(frame / 1000);
}
