import { schemas } from '../catalog/schema.ts';
import type { Catalog, Fleet } from '../catalog/types.ts';
import { formatSeconds } from '../units/format.ts';
import { nearest } from '../units/nearest.ts';
import type { Resolver } from './resolver.ts';
import type { RawRates, RawReliability } from './schema.ts';
import type { Reliability } from './types.ts';

const DAY = 86_400;

/** How often it breaks and how it comes back; undefined when the failure rates cannot be found (and that is reported). */
export function resolveReliability(raw: RawReliability, r: Resolver): Reliability | undefined {
  const at = (key: string) => `reliability.${key}`;
  const fleet = resolveFailures(raw.failures, r);
  const failures = fleet && raw.mttfPerGpu !== undefined ? scaled(fleet, raw.mttfPerGpu) : fleet;
  const rest = {
    checkpoint: resolveCheckpoint(raw.checkpoint ?? {}, r),
    detection: raw.detection ?? 0,
    restart: raw.restart ?? usualRestart(r),
    queue: raw.queue ?? 0,
    spares: r.take(at('spares'), raw.spares, 'auto', 'as many as are needed 99 % of the time'),
    repair: raw.repair ?? null,
    lemons: raw.lemons === undefined ? null : { ...raw.lemons, after: raw.lemons.after ?? 2 },
    maintenance: raw.maintenance ?? null,
    stragglers: raw.stragglers ?? null,
    silent: resolveSilent(raw.silent ?? {}, r),
    stress: {
      thermal: raw.stress?.thermal ?? 0,
      thermalModel: raw.stress?.model ?? ('arrhenius' as const),
      powerDrops: raw.stress?.powerDrops ?? 0,
      age: raw.stress?.age ?? null,
    },
  };
  return failures === undefined ? undefined : { failures, ...rest };
}

/** The fleet's kinds of failures in their proportions, at another rate. */
function scaled(fleet: Fleet, mttfPerGpu: number): Fleet {
  const name = `${fleet.name}, at ${formatSeconds(mttfPerGpu)} a GPU`;
  return { ...fleet, name, failuresPerNodeDay: (fleet.gpusPerNode * DAY) / mttfPerGpu };
}

function usualRestart(r: Resolver): number {
  const seconds = r.catalog.get('risk.restart').value;
  r.note('reliability.restart', formatSeconds(seconds), 'as Meta counts it');
  return seconds;
}

function resolveCheckpoint(
  raw: NonNullable<RawReliability['checkpoint']>,
  r: Resolver,
): Reliability['checkpoint'] {
  const at = (key: string) => `reliability.checkpoint.${key}`;
  return {
    kind: r.take(at('kind'), raw.kind, 'blocking', 'the careful assumption'),
    storage: raw.storage ?? null,
    interval: r.take(at('interval'), raw.interval, 'auto', 'the best one for these failures'),
    memory: raw.memory ?? null,
  };
}

function resolveSilent(raw: NonNullable<RawReliability['silent']>, r: Resolver): Reliability['silent'] {
  const rate = raw.rate ?? 'aegis';
  const known = ratesOfSilence(r.catalog);
  if (!known.includes(rate)) {
    const near = nearest(rate, known);
    r.report({
      code: 'unknown-name',
      path: ['reliability', 'silent', 'rate'],
      message: `there is no published rate of silent corruption '${rate.slice(0, 60)}'`,
      allowed: known.join(', '),
      ...(near === undefined ? {} : { nearest: near }),
    });
  }
  const detectors = raw.detectors ?? DETECTORS;
  detectors.forEach((id, i) => {
    r.lookup('detector', id, ['reliability', 'silent', 'detectors', i]);
  });
  if (raw.detectors === undefined)
    r.note('reliability.silent.detectors', DETECTORS.join(', '), 'what every framework does anyway');
  return { rate, detectors };
}

/** What costs nothing and is usually on. */
const DETECTORS: readonly string[] = ['nan', 'loss-spikes'];
const SILENT = 'risk.silent.rate.';

/** Sources whose rate of silent corruption the catalog holds. */
function ratesOfSilence(catalog: Catalog): string[] {
  return catalog.ids('constant').flatMap((id) => (id.startsWith(SILENT) ? [id.slice(SILENT.length)] : []));
}

function resolveFailures(given: RawReliability['failures'], r: Resolver): Fleet | undefined {
  const path = ['reliability', 'failures'];
  if (given === undefined) {
    r.note('reliability.failures', 'llama-3', 'the largest run whose failures are published by component');
    return r.lookup('fleet', 'llama-3', path);
  }
  if (typeof given !== 'string') return ownFleet(given, r);
  if (!/[/\\]|\.json$/u.test(given))
    return r.lookup('fleet', given, path, ', or a file that risk fit wrote (ending in .json)');
  const text = r.read(given, path);
  return text === undefined ? undefined : fittedFleet(text, given, r);
}

/** The `fleet` of a file that `risk fit` wrote: an entry in the catalog's own form. */
function fittedFleet(text: string, file: string, r: Resolver): Fleet | undefined {
  const path = ['reliability', 'failures'];
  let entry: unknown;
  try {
    entry = (JSON.parse(text) as { fleet?: unknown }).fleet;
  } catch {
    entry = undefined;
  }
  if (entry === undefined || entry === null) {
    r.report({
      code: 'wrong-format',
      path,
      message: `${file} holds no fitted failures`,
      hint: 'planewright risk fit LOG --out failures.json writes such a file',
    });
    return undefined;
  }
  const parsed = schemas.fleet.safeParse(entry);
  if (parsed.success) return usable(parsed.data, file, r);
  for (const i of parsed.error.issues.slice(0, 10)) {
    r.report({ code: 'wrong-format', path, message: `${file} fleet.${i.path.join('.')}: ${i.message}` });
  }
  return undefined;
}

function usable(fleet: Fleet, file: string, r: Resolver): Fleet | undefined {
  if (Object.values(fleet.counts).some((n) => n > 0)) return fleet;
  const message = `${file} fleet.counts: nothing ever fails`;
  r.report({ code: 'out-of-range', path: ['reliability', 'failures'], message });
  return undefined;
}

/** Mean times between failures of one node become rates, and the rates the weights of the components. */
function ownFleet(raw: RawRates, r: Resolver): Fleet | undefined {
  const { name, gpusPerNode, ...times } = raw;
  const given = Object.entries(times).filter((t): t is [string, number] => t[1] !== undefined);
  const counts = Object.fromEntries(given.map(([part, seconds]) => [part, DAY / seconds]));
  const rate = Object.values(counts).reduce((sum, x) => sum + x, 0);
  if (rate === 0) {
    r.report({
      code: 'missing-key',
      path: ['reliability', 'failures'],
      message: 'no mean time between failures is given',
      allowed:
        'at least one of gpu, hbm, nic, link, switch, host, storage, power, software, maintenance, unknown',
      hint: 'unknown: 154 d is the mean time of a whole node',
    });
    return undefined;
  }
  return {
    id: 'inline',
    name: name ?? 'failure rates given in the spec',
    gpusPerNode: gpusPerNode ?? 8,
    failuresPerNodeDay: rate,
    counts,
    source: 'the fields in the spec',
    date: 'undated',
    confidence: 'assumed',
  };
}
