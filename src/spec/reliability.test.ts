import { expect, it } from 'vitest';
import { fail, ok } from '../base/result.ts';
import { builtin } from '../catalog/catalog.ts';
import { readSpec } from './read.ts';
import { parseStress } from './stress.ts';

const DAY = 86_400;
const job = 'model: mixtral-8x7b\ncluster: {node: hgx-h100, gpus: 64}\nparallelism: {expert: 8}\n';

function read(reliability: string, files: Record<string, string> = {}) {
  const reader = { read: (name: string) => (name in files ? ok(files[name]!) : fail([])) };
  return readSpec(`${job}reliability: ${reliability}\n`, 'spec', reader, builtin());
}

function resolved(reliability: string, files: Record<string, string> = {}) {
  const spec = read(reliability, files);
  if (!spec.ok) throw new Error(JSON.stringify(spec.issues));
  return spec.value.reliability;
}

it('keeps what is written, in seconds, and takes defaults for the rest', () => {
  const r = resolved(
    '{failures: rsc-2, checkpoint: {kind: async, storage: 2 TB/s, interval: 20 min, memory: 1 min}, restart: 3 min, ' +
      'spares: none, lemons: {share: 1 %, failures: 50 %}, stress: {thermal: +10C, powerDrops: 2/day, age: 1 y}}',
  );
  expect(r.failures.id).toBe('rsc-2');
  expect(r.checkpoint).toEqual({ kind: 'async', storage: 2e12, interval: 1200, memory: 60 });
  expect([r.restart, r.detection, r.queue, r.spares]).toEqual([180, 0, 0, null]);
  expect(r.lemons).toEqual({ share: 0.01, failures: 0.5, after: 2 });
  expect(r.stress).toEqual({ thermal: 10, thermalModel: 'arrhenius', powerDrops: 2 / DAY, age: 365 * DAY });
  const plain = resolved('{}');
  expect([plain.failures.id, plain.restart, plain.spares]).toEqual(['llama-3', 300, 'auto']);
});

it('scales the rates of a fleet to a mean time between failures of a GPU', () => {
  const { failures } = resolved('{failures: rsc-1, mttfPerGpu: 10000 h}');
  expect(failures.failuresPerNodeDay).toBeCloseTo((failures.gpusPerNode * 24) / 10_000, 12);
  expect(failures.counts).toEqual(resolved('{failures: rsc-1}').failures.counts);
  expect(read('{mttfPerGpu: 10000}').ok).toBe(false);
});

it('turns mean times between failures of a node into rates', () => {
  const { failures } = resolved('{failures: {gpu: 100 d, nic: 400 d, gpusPerNode: 4}}');
  expect(failures.failuresPerNodeDay).toBeCloseTo(1 / 100 + 1 / 400, 12);
  expect(failures.counts).toEqual({ gpu: 0.01, nic: 0.0025 });
  expect(failures.gpusPerNode).toBe(4);
});

it('reads what risk fit wrote', () => {
  const { source, date, confidence } = builtin().find('fleet', 'rsc-1')!;
  const fleet = { id: 'mine', name: 'mine', gpusPerNode: 8, failuresPerNodeDay: 0.01, counts: { gpu: 3 } };
  const file = JSON.stringify({ fleet: { ...fleet, repair: '2 h', source, date, confidence } });
  expect(resolved('{failures: mine.json}', { 'mine.json': file }).failures).toMatchObject({
    ...fleet,
    repair: 7200,
  });
});

it.each([
  ['{failures: rsc-3}', 'reliability.failures', 'rsc-1'],
  ['{failures: {gpu: 0 d}}', 'reliability.failures.gpu', undefined],
  ['{failures: {gpu: -1 d}}', 'reliability.failures.gpu', undefined],
  ['{failures: {}}', 'reliability.failures', undefined],
  ['{failures: none.json}', 'reliability.failures', undefined],
  ['{failures: bad.json}', 'reliability.failures', undefined],
  ['{failures: never.json}', 'reliability.failures', undefined],
  ['{restart: 5}', 'reliability.restart', undefined],
  ['{checkpoint: {interval: 0 min}}', 'reliability.checkpoint.interval', undefined],
  ['{spares: -1}', 'reliability.spares', undefined],
  ['{silent: {detectors: [replai]}}', 'reliability.silent.detectors.0', 'replay'],
  ['{silent: {rate: aegiss}}', 'reliability.silent.rate', 'aegis'],
  ['{stress: {powerDrops: 2/fortnight}}', 'reliability.stress.powerDrops', undefined],
])('refuses %s at its place', (text, path, nearest) => {
  const never = {
    id: 'x',
    name: 'x',
    gpusPerNode: 8,
    failuresPerNodeDay: 1,
    counts: {},
    source: 'x',
    date: 'none',
    confidence: 'assumed',
  };
  const spec = read(text, {
    'bad.json': '{"fleet": {"id": "x"}}',
    'never.json': JSON.stringify({ fleet: never }),
  });
  expect(spec.ok).toBe(false);
  expect(spec.issues[0]!.path.join('.')).toBe(path);
  if (nearest !== undefined) expect(spec.issues[0]!.nearest).toBe(nearest);
});

it('reads stress from the command line on top of the spec, all faults at once', () => {
  const given = { thermal: 5, thermalModel: 'arrhenius' as const, powerDrops: 0, age: null };
  const read = parseStress('power-drops=2/week, model=linear', given);
  expect(read).toMatchObject({
    ok: true,
    value: { thermal: 5, thermalModel: 'linear', powerDrops: 2 / (7 * DAY), age: null },
  });
  expect(parseStress('thermal=hot,pwer-drops=2/day,age=', given).issues.map((i) => i.nearest)).toEqual([
    undefined,
    'power-drops',
    undefined,
  ]);
});
