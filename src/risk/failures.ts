import type { Catalog, FailureComponent, Fleet } from '../catalog/types.ts';
import type { ComponentRate, FleetPoint, Job, JobFailures, PublishedMttf, SizePoint } from './types.ts';

export const DAY = 86_400;
const HOUR = 3600;
/** Days of a mean month. */
export const MONTH = 365.25 / 12;

/**
 * Failures of the job, a day, by component: the fleet's rate for every node of its size, shared out by its counts;
 * links and leaves are counted on the fabric where the fleet counts them apart. `raise` multiplies each component's rate.
 */
export function componentRates(
  fleet: Fleet,
  job: Pick<Job, 'gpus' | 'links' | 'leaves'>,
  raise: (component: FailureComponent) => number = () => 1,
): ComponentRate[] {
  const nodes = job.gpus / fleet.gpusPerNode;
  const counts = Object.entries(fleet.counts) as [FailureComponent, number][];
  const total = counts.reduce((sum, [, n]) => sum + n, 0);
  const rates = counts.map(([component, n]): [FailureComponent, number] => [
    component,
    (n / total) * fleet.failuresPerNodeDay * nodes,
  ]);
  if (fleet.links !== undefined) rates.push(['link', (fleet.links * job.links) / MONTH]);
  if (fleet.switches !== undefined) rates.push(['switch', (fleet.switches * job.leaves) / MONTH]);
  const raised = rates
    .map(([component, rate]) => ({ component, perDay: rate * raise(component) }))
    .filter((r) => r.perDay > 0);
  const sum = raised.reduce((s, r) => s + r.perDay, 0);
  return raised.map((r) => ({ ...r, share: r.perDay / sum }));
}

/** Failures a day of all components together. */
export function totalRate(rates: readonly ComponentRate[]): number {
  return rates.reduce((sum, r) => sum + r.perDay, 0);
}

/** Sizes at which figures are published, and powers of four between them. */
const SIZES = [8, 128, 1024, 2048, 4096, 16_384, 65_536, 131_072];

/** The fleet's rates on this job, and what they mean at other sizes, beside what others printed. */
export function jobFailures(
  fleet: Fleet,
  job: Job,
  rates: readonly ComponentRate[],
  catalog: Catalog,
): JobFailures {
  const perDay = totalRate(rates);
  const published = publishedPoints(catalog);
  const sizes = [...new Set([...SIZES, job.gpus])].sort((a, b) => a - b);
  const { id, name, source, confidence } = fleet;
  return {
    fleet: { id, name, source, confidence },
    perDay,
    perNodeDay: perDay / (job.gpus / fleet.gpusPerNode),
    components: [...rates].sort((a, b) => b.perDay - a.perDay),
    surviveDay: Math.exp(-perDay),
    sizes: sizes.map((gpus) => sizePoint(gpus, (perDay * gpus) / job.gpus, published)),
    fleets: otherFleets(job, catalog),
  };
}

function sizePoint(gpus: number, perDay: number, published: ReadonlyMap<number, PublishedMttf[]>): SizePoint {
  const beside = published.get(gpus) ?? [];
  return { gpus, perDay, mttf: DAY / perDay, surviveDay: Math.exp(-perDay), published: beside };
}

function otherFleets(job: Job, catalog: Catalog): FleetPoint[] {
  return catalog.ids('fleet').flatMap((id) => {
    const fleet = catalog.find('fleet', id);
    if (fleet === undefined) return [];
    return [{ fleet: id, name: fleet.name, mttf: DAY / totalRate(componentRates(fleet, job)) }];
  });
}

interface MttfTable {
  readonly [gpus: string]: { readonly hours: number; readonly what: string } | undefined;
}

/** Published mean times to failure by job size; the ones measured and the ones projected stand side by side. */
function publishedPoints(catalog: Catalog): Map<number, PublishedMttf[]> {
  const points = new Map<number, PublishedMttf[]>();
  for (const id of ['RSC.mttf.measured', 'RSC.mttf.projected', 'L3.mttf']) {
    for (const [gpus, point] of Object.entries(catalog.published(id).value as MttfTable)) {
      if (point === undefined) continue;
      const list = points.get(Number(gpus)) ?? [];
      list.push({ mttf: point.hours * HOUR, what: point.what });
      points.set(Number(gpus), list);
    }
  }
  return points;
}
