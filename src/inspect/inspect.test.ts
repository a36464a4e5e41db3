import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asCsv,
  asJsonl,
  asMegatron,
  asTensorboard,
  type PutIn,
  type Row,
  type RunOptions,
  random,
  randomEvents,
  syntheticRun,
  type Truth,
} from '../../scripts/logs.mjs';
import { RunningMedian, Window } from '../numeric/robust.ts';
import { inspectLog } from './inspect.ts';
import type { Inspection, LogEvent } from './types.ts';

const bytes = (log: string | Uint8Array) => (typeof log === 'string' ? new TextEncoder().encode(log) : log);

async function read(log: string | Uint8Array) {
  const result = await inspectLog([bytes(log)], 'run.log');
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result;
}

async function inspect(log: string | Uint8Array): Promise<Inspection> {
  return (await read(log)).value;
}

const run = (over: Partial<RunOptions> & { events?: readonly PutIn[] } = {}) =>
  syntheticRun({ seed: 1, steps: 1000, ...over });
const brief = (e: LogEvent) => `${e.kind} ${e.series} ${e.step}`;

/** Steps by which a begin may be off: a slowdown is seen by its trend, a spike at once. */
const OFF: Readonly<Record<string, number>> = {
  spike: 3,
  nan: 1,
  stall: 2,
  slowdown: 15,
  restart: 0,
  divergence: 10,
};
const FORMATS: readonly ((rows: readonly Row[]) => string | Uint8Array)[] = [
  asCsv,
  (rows) => asJsonl(rows),
  (rows) => asMegatron(rows, 3700),
  asTensorboard,
];

function score(events: readonly LogEvent[], truth: readonly Truth[]) {
  const left = [...events];
  let hits = 0;
  for (const t of truth) {
    const i = left.findIndex(
      (e) => e.kind === t.kind && e.series === t.series && Math.abs(e.step - t.step) <= OFF[t.kind]!,
    );
    if (i < 0) continue;
    hits++;
    left.splice(i, 1);
  }
  return { hits, missed: truth.length - hits, wrong: left.length };
}

describe('on logs whose events are known', () => {
  it.each([0, 1, 2, 3])('precision and recall are at least 0.95, format %i', async (format) => {
    const sum = { hits: 0, missed: 0, wrong: 0 };
    for (let draw = 0; draw < 4; draw++) {
      const seed = 101 + 4 * draw + format;
      const steps = 3700;
      const { rows, truth } = syntheticRun({ seed, steps, events: randomEvents(seed, steps) });
      const s = score((await inspect(FORMATS[format]!(rows))).events, truth);
      sum.hits += s.hits;
      sum.missed += s.missed;
      sum.wrong += s.wrong;
    }
    expect(sum.hits).toBeGreaterThan(33);
    expect(sum.hits / (sum.hits + sum.wrong)).toBeGreaterThanOrEqual(0.95);
    expect(sum.hits / (sum.hits + sum.missed)).toBeGreaterThanOrEqual(0.95);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('no alarm on clean log %i', async (seed) => {
    const { rows } = syntheticRun({ seed, steps: 4000 });
    const found = await inspect(FORMATS[seed % 4]!(rows));
    expect(found.events.map(brief)).toEqual([]);
    expect(found.ettr!.ettr).toBeGreaterThan(0.999);
  });

  it('a slow rise of the loss is a drift, not a spike', async () => {
    const { rows } = syntheticRun({
      seed: 3,
      steps: 9000,
      events: [{ kind: 'drift', step: 5000, slope: 1e-4 }],
    });
    const { events } = await inspect(asCsv(rows));
    expect(events.map((e) => `${e.kind} ${e.series}`)).toEqual(['drift loss']);
    expect(Math.abs(events[0]!.step - 5000)).toBeLessThan(800);
    expect(events[0]!.endStep).toBeGreaterThan(8500);
  });

  it('says sizes as they were put in', async () => {
    const { rows } = run({
      steps: 1500,
      events: [
        { kind: 'stall', step: 500, seconds: 120 },
        { kind: 'slowdown', step: 800, length: 200, factor: 1.2 },
        { kind: 'restart', step: 1300, back: 40, down: 600 },
      ],
    });
    const { events } = await inspect(asCsv(rows));
    expect(events.map(brief)).toEqual([
      'stall speed 500',
      expect.stringMatching(/^slowdown speed (79|80)\d$/u),
      'restart steps 1299',
    ]);
    expect(events[0]!.size).toBeCloseTo(120, 0);
    expect(events[1]!.size).toBeCloseTo(1.2, 1);
    expect(events[2]).toMatchObject({ size: 40, endStep: 1260, measure: 'steps' });
  });

  it('names the checkpoint behind stalls at even distances', async () => {
    const events = [200, 400, 600, 800].map((step) => ({ kind: 'stall', step, seconds: 60 }));
    const found = (await inspect(asCsv(run({ events }).rows))).events;
    expect(found.map((e) => e.causes)).toEqual(found.map(() => ['a checkpoint every 200 steps']));
    expect(found).toHaveLength(4);
  });

  it('names the slow rank', async () => {
    const r = random(9);
    const lines = ['step,rank,step_time,loss'];
    for (let step = 1; step <= 400; step++) {
      for (let rank = 0; rank < 8; rank++) {
        const slow = rank === 5 && step > 150 && step <= 300 ? 1.15 : 1;
        lines.push(
          `${step},${rank},${(6 * slow * (1 + 0.01 * r.normal())).toFixed(3)},${(3 + 0.01 * r.normal()).toFixed(4)}`,
        );
      }
    }
    const { events } = await inspect(lines.join('\n'));
    const stragglers = events.filter((e) => e.kind === 'straggler');
    expect(events.filter((e) => e.kind !== 'straggler')).toEqual([]);
    expect(stragglers).toHaveLength(1);
    expect(stragglers[0]).toMatchObject({ rank: 5 });
    expect(Math.abs(stragglers[0]!.step - 151)).toBeLessThan(4);
    expect(Math.abs(stragglers[0]!.endStep - 300)).toBeLessThan(4);
    expect(stragglers[0]!.size).toBeCloseTo(1.15, 1);
  });

  it('measures the effective training time', async () => {
    const { rows } = run({
      steps: 2000,
      stepSeconds: 10,
      events: [
        { kind: 'stall', step: 600, seconds: 500 },
        { kind: 'restart', step: 1200, back: 100, down: 1000 },
      ],
    });
    const { ettr } = await inspect(asJsonl(rows));
    expect(ettr!.basis).toBe('wall clock');
    // 2,000 steps kept of 10 s, 100 done again, 500 s stalled and 1,000 s down; the first step has no beginning.
    expect(ettr!.productiveSeconds / (1999 * 10)).toBeCloseTo(1, 2);
    expect(ettr!.repeatedSeconds / 1000).toBeCloseTo(1, 1);
    expect(ettr!.waitingSeconds / 1500).toBeCloseTo(1, 1);
    const noTimes = asCsv(rows).replace(/^(\d+),[\d.]+/gmu, '$1,');
    expect((await inspect(noTimes)).ettr!.basis).toBe('step times');
  });
});

describe('odd logs', () => {
  const head = 'step,loss\n';
  const lines = (n: number, of = (i: number) => `${i},${(3 - i / 1000).toFixed(3)}`) =>
    Array.from({ length: n }, (_, i) => of(i + 1));
  const codes = async (log: string | Uint8Array) =>
    (await read(log)).issues.map((i) => `${i.code} ${i.line ?? ''}`);

  it('gaps, lines twice and lines out of order are said, and nothing is put in', async () => {
    const rows = lines(60);
    rows.splice(20, 5);
    rows.splice(30, 0, rows[29]!);
    const moved = rows.splice(45, 1)[0]!;
    rows.splice(43, 0, moved);
    const result = await read(head + rows.join('\n'));
    expect(result.issues.map((i) => `${i.code} ${i.line}`)).toEqual([
      'gap 22', 'duplicate-step 32', 'gap 45', 'unordered-step 46', 'unordered-step 47',
    ]); // biome-ignore format: one line
    expect(result.issues[0]!.message).toBe('steps 21 to 25 are missing');
    expect(result.value.series[0]!.points).toBe(53);
    expect(result.value.events).toEqual([]);
  });

  it('cells that are no numbers, short lines and missing steps are left out', async () => {
    const rows = lines(40);
    rows[4] = '5,abc';
    rows[9] = '10';
    rows[14] = ',2.9';
    rows[19] = '20,';
    expect(await codes(head + rows.join('\n'))).toEqual([
      'not-a-number 6', 'wrong-length 11', 'no-step 16', 'gap 12', 'gap 17', 'gap 22',
    ]); // biome-ignore format: one line
  });

  it('units that change are converted and said', async () => {
    const rows = lines(40, (i) => `${i},${i < 20 ? '6.1 s' : '6100 ms'}`);
    const result = await read(`step,step_time\n${rows.join('\n')}`);
    expect(result.issues.map((i) => `${i.code} ${i.line}`)).toEqual(['mixed-units 21']);
    expect(result.value.series[0]).toMatchObject({ name: 'speed', first: 6.1, last: 6.1 });
    expect(result.value.events).toEqual([]);
  });

  it('values that are not finite are events, in every way they are written', async () => {
    for (const word of ['nan', 'NaN', 'inf', '-Infinity']) {
      const rows = lines(60);
      rows[30] = `31,${word}`;
      expect((await inspect(head + rows.join('\n'))).events.map(brief)).toEqual(['nan loss 31']);
    }
    const json = lines(60, (i) => `{"step":${i},"loss":${i === 31 ? 'NaN' : 2}}`).join('\n');
    expect((await inspect(json)).events.map(brief)).toEqual(['nan loss 31']);
  });

  it('half a TensorBoard record, and one with a wrong byte', async () => {
    const whole = asTensorboard(run({ steps: 200 }).rows);
    expect(await codes(whole)).toEqual([]);
    expect(await codes(whole.subarray(0, whole.length - 7))).toEqual(['tensorboard 601']);
    const damaged = Uint8Array.from(whole);
    damaged[5000]! ^= 64;
    const result = await read(damaged);
    expect(result.issues).toHaveLength(1);
    expect(result.issues[0]!.message).toMatch(/^record \d+: its (checksum|length)/u);
  });

  it('says what is not a log', async () => {
    const codesOf = async (text: string) => {
      const result = await inspectLog([bytes(text)], 'x');
      return result.ok ? 'ok' : result.issues.map((i) => i.code).join();
    };
    expect(await codesOf('')).toBe('empty');
    expect(await codesOf('hello world\n')).toBe('unknown-format');
    expect(await codesOf('{"a": 1}\n')).toBe('empty');
    expect(await codesOf('step,loss\n')).toBe('empty');
  });

  it('reads times of day, names inside objects, and steps that are logged every tenth', async () => {
    const json = lines(100, (i) => {
      const minute = String(Math.floor(i / 60)).padStart(2, '0');
      const stamp = `2024-02-29T23:${minute}:${String(i % 60).padStart(2, '0')}+01:00`;
      return `{"_step":${10 * i},"timestamp":"${stamp}","train":{"lm loss":2.5},"val/loss":9}`;
    }).join('\n');
    const { log, ettr, events } = await inspect(json);
    expect(log).toMatchObject({ stride: 10, firstStep: 10, lastStep: 1000, spanSeconds: 99 });
    expect(ettr!.ettr).toBe(1);
    expect(events).toEqual([]);
  });
});

it('any cutting into chunks reads the same', async () => {
  const { rows } = run({ steps: 300, events: [{ kind: 'spike', step: 200, length: 5, height: 1, norm: 8 }] });
  for (const format of FORMATS) {
    const whole = bytes(format(rows));
    const expected = JSON.stringify(await inspectLog([whole], 'x'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: whole.length - 1 }), { maxLength: 20 }),
        async (cuts) => {
          const at = [0, ...cuts.sort((a, b) => a - b), whole.length];
          const chunks = at.slice(1).map((end, i) => whole.subarray(at[i]!, end));
          expect(JSON.stringify(await inspectLog(chunks, 'x'))).toBe(expected);
        },
      ),
      { numRuns: 8 },
    );
  }
});

it('medians equal those of sorting', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      (values, size) => {
        const running = new RunningMedian(size);
        const window = new Window(size);
        const slow = (part: readonly number[]) => {
          const s = [...part].sort((a, b) => a - b);
          const k = s.length >> 1;
          return s.length % 2 === 1 ? s[k]! : (s[k - 1]! + s[k]!) / 2;
        };
        values.forEach((x, i) => {
          running.push(x);
          window.push(x);
          const part = values.slice(Math.max(0, i + 1 - size), i + 1);
          expect(running.value).toBe(slow(part));
          expect(window.median()).toBe(slow(part));
        });
      },
    ),
  );
});
