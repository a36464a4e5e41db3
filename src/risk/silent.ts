import type { Catalog, Detector } from '../catalog/types.ts';
import { DAY } from './failures.ts';
import type { DetectorView, RiskInput, SilentCorruption } from './types.ts';

/**
 * Silent data corruption in this job: how often, who would notice, and what noticing and not noticing cost. `raise` multiplies
 * the published rate (stress), `mttf` and `interval` are those of ordinary failures.
 */
export function silentCorruption(
  { job, reliability }: RiskInput,
  at: {
    readonly raise: number;
    readonly mttf: number;
    readonly interval: number;
    readonly stall: number;
    readonly ettr: number;
  },
  catalog: Catalog,
): SilentCorruption {
  const known = catalog.ids('constant');
  const named = (prefix: string) =>
    known.filter((id) => id.startsWith(prefix)).map((id) => ({ id, name: id.slice(prefix.length) }));
  const perDayOf = (id: string) => catalog.get(id).value * job.gpus * DAY * at.raise;
  const perDay = perDayOf(`risk.silent.rate.${reliability.silent.rate}`);
  const active = reliability.silent.detectors.flatMap((id) => catalog.find('detector', id) ?? []);
  const noticed = together(active);
  const rate = perDay / DAY;
  // All since the last good checkpoint is done again: the delay, half an interval, and a restart.
  const again = at.interval / 2 + reliability.restart;
  const rollback = noticed.delay + again;
  const lostShare = Math.min(1, rate * noticed.recall * rollback);
  const verify = job.stepSeconds + at.stall;
  const lostBetween = rate + 1 / (2 * at.mttf);
  const best = Math.sqrt(verify / lostBetween);
  return {
    perDay,
    daysBetween: 1 / perDay,
    sources: named('risk.silent.rate.').map(({ id, name }) => ({ source: name, perDay: perDayOf(id) })),
    faultyDevice: named('risk.silent.prevalence.').map(({ id, name }) => ({
      source: name,
      probability: -Math.expm1(job.gpus * Math.log1p(-catalog.get(id).value)),
    })),
    detectors: catalog.ids('detector').flatMap((id) => {
      const detector = catalog.find('detector', id);
      const on = reliability.silent.detectors.includes(id);
      return detector === undefined ? [] : [view(detector, on, perDay, again)];
    }),
    recall: noticed.recall,
    delay: noticed.delay,
    overhead: noticed.overhead,
    rollback,
    lostShare,
    ettr: at.ettr * (1 - lostShare) * (1 - noticed.overhead),
    undetectedPerDay: perDay * (1 - noticed.recall),
    divergingPerDay: perDay * (1 - noticed.recall) * catalog.get('risk.silent.diverging').value,
    verification: { cost: verify, interval: best, overhead: verify / best + lostBetween * best },
  };
}

function view(d: Detector, on: boolean, perDay: number, again: number): DetectorView {
  const { id, name, recall, recallRange, delay, overhead, overheadRange } = d;
  const missedPerDay = perDay * (1 - recall);
  const rollback = delay + again;
  return { id, name, on, recall, recallRange, delay, overhead, overheadRange, missedPerDay, rollback };
}

/** Detectors side by side, taken as independent: the quickest that notices counts. */
export function together(detectors: readonly Pick<Detector, 'recall' | 'delay' | 'overhead'>[]) {
  let missed = 1;
  let delay = 0;
  let overhead = 0;
  for (const d of [...detectors].sort((a, b) => a.delay - b.delay)) {
    delay += missed * d.recall * d.delay;
    missed *= 1 - d.recall;
    overhead += d.overhead;
  }
  const recall = 1 - missed;
  return { recall, delay: recall > 0 ? delay / recall : 0, overhead: Math.min(1, overhead) };
}
