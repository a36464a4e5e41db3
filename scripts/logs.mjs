/**
 * Synthetic training logs with known events: the examples in examples/logs are written by `node scripts/logs.mjs`, and
 * the tests of `inspect` draw many more. Seeded, and made of sums and products only, so the same bytes everywhere.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** sfc32 from one number; `normal` is the sum of twelve uniforms less six. */
export function random(seed) {
  let [a, b, c, d] = [seed | 0, 0x9e3779b9, 0x243f6a88, 1];
  const uniform = () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 15; i++) uniform();
  const normal = () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += uniform();
    return sum;
  };
  const between = (low, high) => low + (high - low) * uniform();
  return { uniform, normal, between, whole: (low, high) => Math.floor(between(low, high + 1)) };
}

/** Loss of a clean run at a step: a hyperbola down to its floor, near enough to a power law without powers. */
const lossAt = (step) => 1.7 + 9.3 / (1 + step / 120) + 0.5 / (1 + step / 8000);

/**
 * A run of `steps` steps: rows as they were logged (steps repeat after a restart) and the events that were put in, each
 * `{kind, series, step, endStep}`. `events` asks for `{kind, step, ...}`; what else a kind takes is said at its place.
 */
export function syntheticRun({
  seed,
  steps,
  events = [],
  stepSeconds = 6,
  start = 1_700_000_000,
  lossNoise = 0.012,
  normNoise = 0.12,
  speedNoise = 0.008,
}) {
  const r = random(seed);
  const rows = [];
  const truth = [];
  let time = start;
  const at = (kind, step) => events.find((e) => e.kind === kind && e.step === step);
  const during = (kind, step) =>
    events.filter((e) => e.kind === kind && step >= e.step && step < e.step + e.length);
  const done = new Set();
  let step = 1;
  let reached = 0;
  while (step <= steps) {
    const restart = at('restart', step);
    if (restart !== undefined && !done.has(restart)) {
      // back: steps done again; down: seconds without training.
      done.add(restart);
      time += restart.down;
      truth.push({ kind: 'restart', series: 'steps', step: step - 1, endStep: step - restart.back });
      step -= restart.back;
      continue;
    }
    let loss = lossAt(step) + lossNoise * r.normal();
    let norm = (0.35 + 2 / (1 + step / 300)) * (1 + normNoise * r.normal());
    let seconds = stepSeconds * (1 + speedNoise * r.normal());
    // height: of the loss; norm: factor of the gradient norm; both fall back over `length` steps.
    for (const e of during('spike', step)) {
      const share = 1 - (step - e.step) / e.length;
      loss += (e.height ?? 0) * share;
      norm *= 1 + ((e.norm ?? 1) - 1) * share;
    }
    for (const e of events) {
      if (e.kind === 'divergence' && step >= e.step)
        loss += Math.min(e.height, (e.height * (step - e.step + 1)) / 10);
      if (e.kind === 'drift' && step >= e.step) loss += e.slope * (step - e.step);
    }
    // Skipped when the run comes back to it.
    if (step > reached && during('nan', step).length > 0) loss = Number.NaN;
    for (const e of during('slowdown', step)) seconds *= e.factor;
    const stall = at('stall', step);
    if (stall !== undefined && step > reached) seconds += stall.seconds;
    time += seconds;
    reached = Math.max(reached, step);
    rows.push({ step, time, loss, norm, seconds });
    step++;
  }
  for (const e of events) {
    if (e.kind === 'restart') continue;
    const endStep = e.length === undefined ? e.step : e.step + e.length - 1;
    if (e.kind === 'spike') {
      if (e.height) truth.push({ kind: 'spike', series: 'loss', step: e.step, endStep });
      if (e.norm) truth.push({ kind: 'spike', series: 'gradNorm', step: e.step, endStep });
    } else {
      const series = e.kind === 'stall' || e.kind === 'slowdown' ? 'speed' : 'loss';
      truth.push({ kind: e.kind, series, step: e.step, endStep });
    }
  }
  return { rows, truth };
}

/** One to two of each kind at places that do not touch, of sizes from just visible to large. */
export function randomEvents(seed, steps) {
  const r = random(seed);
  const kinds = ['spike', 'spike', 'spike', 'stall', 'stall', 'slowdown', 'restart', 'restart', 'nan'];
  const slot = Math.floor((steps - 1000) / kinds.length);
  const events = kinds
    .map((kind) => ({ kind, key: r.uniform() }))
    .sort((a, b) => a.key - b.key)
    .map(({ kind }, i) => {
      const step = 500 + i * slot + r.whole(0, Math.floor(slot / 4));
      if (kind === 'spike') {
        const which = r.uniform();
        const height = which < 0.7 ? r.between(0.35, 2) : 0;
        const norm = which > 0.4 ? r.between(4, 12) : 0;
        return { kind, step, length: r.whole(5, 25), ...(height && { height }), ...(norm && { norm }) };
      }
      if (kind === 'stall') return { kind, step, seconds: r.between(25, 300) };
      if (kind === 'slowdown')
        return { kind, step, length: r.whole(60, Math.floor(slot / 2)), factor: r.between(1.06, 1.5) };
      if (kind === 'nan') return { kind, step, length: r.whole(1, 6) };
      return {
        kind,
        step: step + Math.floor(slot / 2),
        back: r.whole(5, Math.floor(slot / 3)),
        down: r.between(120, 3000),
      };
    });
  const end = r.uniform();
  if (end < 0.3) events.push({ kind: 'divergence', step: steps - 300, height: r.between(1, 4) });
  return events;
}

const number = (x, digits) => (Number.isFinite(x) ? x.toFixed(digits) : 'nan');

export function asCsv(rows) {
  const lines = rows.map(
    (r) => `${r.step},${r.time.toFixed(1)},${number(r.loss, 4)},${number(r.norm, 3)},${r.seconds.toFixed(3)}`,
  );
  return ['step,timestamp,loss,grad_norm,step_time', ...lines, ''].join('\n');
}

export function asJsonl(rows, tokensPerStep = 4_194_304) {
  return `${rows
    .map(
      (r) =>
        `{"_step":${r.step},"_timestamp":${r.time.toFixed(1)},"train":{"loss":${number(r.loss, 4).replace('nan', 'NaN')},"grad_norm":${number(r.norm, 3)}},"perf":{"tokens_per_second":${(tokensPerStep / r.seconds).toFixed(0)}}}`,
    )
    .join('\n')}\n`;
}

/** `[time] iteration N/ M | ...` as Megatron prints it, with the chatter around it. */
export function asMegatron(rows, total) {
  const out = ['using world size: 1024, data-parallel size: 64', 'training ...'];
  for (const r of rows) {
    out.push(
      ` [${stamp(r.time)}] iteration ${String(r.step).padStart(8)}/${String(total).padStart(8)} | consumed samples: ${r.step * 1024} | elapsed time per iteration (ms): ${(r.seconds * 1000).toFixed(1)} | learning rate: 3.000000E-04 | global batch size: 1024 | lm loss: ${Number.isFinite(r.loss) ? r.loss.toExponential(6).toUpperCase() : 'nan'} | loss scale: 1.0 | grad norm: ${number(r.norm, 3)} | number of skipped iterations: 0 | number of nan iterations: 0 |`,
    );
  }
  return `${out.join('\n')}\n`;
}

/** TensorBoard events: TFRecords of Event messages with a simple_value each. */
export function asTensorboard(rows) {
  const parts = [
    record(
      message([
        [1, 1, double(rows[0]?.time ?? 0)],
        [3, 2, text('brain.Event:2')],
      ]),
    ),
  ];
  for (const r of rows) {
    for (const [tag, value] of [
      ['train/loss', r.loss],
      ['train/grad_norm', r.norm],
      ['perf/step_time', r.seconds],
    ]) {
      const inner = message([
        [1, 2, text(tag)],
        [2, 5, float(value)],
      ]);
      const summary = message([[1, 2, inner]]);
      parts.push(
        record(
          message([
            [1, 1, double(r.time)],
            [2, 0, varint(r.step)],
            [5, 2, summary],
          ]),
        ),
      );
    }
  }
  return Uint8Array.from(Buffer.concat(parts));
}

const text = (s) => Buffer.from(s, 'utf8');
const double = (x) => {
  const b = Buffer.alloc(8);
  b.writeDoubleLE(x);
  return b;
};
const float = (x) => {
  const b = Buffer.alloc(4);
  b.writeFloatLE(x);
  return b;
};
function varint(x) {
  const bytes = [];
  let rest = x;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}
const message = (fields) =>
  Buffer.concat(
    fields.flatMap(([field, wire, bytes]) => [
      varint(field * 8 + wire),
      ...(wire === 2 ? [varint(bytes.length)] : []),
      bytes,
    ]),
  );

/** Bit by bit, so that the reader's table is tested against something else. */
function masked(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) {
    c ^= byte;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
  }
  c = ~c >>> 0;
  return (((c >>> 15) | (c << 17)) + 0xa282ead8) >>> 0;
}

function record(data) {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(data.length, 0);
  head.writeUInt32LE(masked(head.subarray(0, 8)), 8);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(masked(data), 0);
  return Buffer.concat([head, data, tail]);
}

function stamp(time) {
  return new Date(time * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

/** The shipped examples: a clean run, a run with one of everything, and what a Megatron trainer printed. */
export function exampleLogs() {
  const eventful = syntheticRun({
    seed: 6,
    steps: 4000,
    events: [
      { kind: 'spike', step: 700, length: 12, height: 1.2, norm: 9 },
      { kind: 'stall', step: 1000, seconds: 95 },
      { kind: 'slowdown', step: 1300, length: 220, factor: 1.12 },
      { kind: 'restart', step: 1850, back: 150, down: 1500 },
      { kind: 'spike', step: 2400, length: 8, height: 0.5 },
      { kind: 'nan', step: 2900, length: 4 },
      { kind: 'restart', step: 2904, back: 104, down: 900 },
      { kind: 'divergence', step: 3700, height: 2.5 },
    ],
  }); // prettier-ignore
  const megatron = syntheticRun({
    seed: 7,
    steps: 1500,
    events: [
      ...[300, 600, 900, 1200].map((step) => ({ kind: 'stall', step, seconds: 40 })),
      { kind: 'spike', step: 750, length: 10, height: 0.8, norm: 6 },
    ],
  }); // prettier-ignore
  return {
    'clean.jsonl': asJsonl(syntheticRun({ seed: 5, steps: 1500 }).rows),
    'eventful.csv': asCsv(eventful.rows),
    'megatron.log': asMegatron(megatron.rows, 1500),
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = path.join(root, 'examples/logs');
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(exampleLogs())) fs.writeFileSync(path.join(folder, name), text);
}
