import type { Plan } from '../plan/types.ts';
import type { Cause, OperationProfile, Policy, Profile } from '../profile/types.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

const POLICY: Record<Policy, string> = {
  ecmp: 'ECMP (median seed)',
  modulo: 'destination-modulo',
  adaptive: 'adaptive',
};

/** How the network behaves under plain routing: largest loads, times of the operations, hot links and paths. */
export function profileSections({ profile }: Plan): Section[] {
  if (profile === undefined) return [];
  return [
    loads(profile),
    operationTimes(profile),
    hotLinks(profile),
    hotPaths(profile),
    curve(profile),
  ].filter((s) => s.rows.length > 0);
}

function loads(profile: Profile): Section {
  return {
    id: 'behaves',
    title: 'Behaves: busiest switch link in a step, under plain routing',
    columns: [left('routing'), right('busiest link'), right('mean link'), right('over seeds'), left('which')],
    rows: profile.policies.map((p): Cell[] => [
      POLICY[p.policy],
      quantity(p.maxLoad, 'seconds'),
      quantity(p.meanLoad, 'seconds'),
      p.seeds === undefined ? null : range(p.seeds.min, p.seeds.max, p.seeds.count),
      p.hottest ?? 'no switch link carries anything',
    ]),
    notes: profile.notes,
  };
}

function range(min: number, max: number, count: number): Cell {
  return `${seconds(min)}-${seconds(max)} (${count})`;
}

const seconds = (x: number): string => `${Number(x.toPrecision(3))} s`;

/** Operations whose times are shown on the page; the plan lists all. */
const SHOWN = 8;

function operationTimes(profile: Profile): Section {
  const longest = profile.operations
    .slice()
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, SHOWN);
  return {
    id: 'operations',
    title: 'Takes: one call of the operations with most bytes, and what binds it',
    columns: [
      left('operation'),
      right('ECMP'),
      right('modulo'),
      right('adaptive'),
      right('of it latency'),
      left('bound by'),
    ],
    rows: longest.map((o): Cell[] => [
      o.operation,
      time(o, 'ecmp'),
      time(o, 'modulo'),
      time(o, 'adaptive'),
      quantity(o.latency, 'seconds'),
      o.times.find((t) => t.policy === profile.hotPolicy)?.bound ?? '',
    ]),
    notes: [],
  };
}

function time(o: OperationProfile, policy: Policy): Cell {
  const found = o.times.find((t) => t.policy === policy);
  return found === undefined ? null : quantity(found.seconds, 'seconds');
}

/** Hot links and paths on the page; the plan lists more. */
const HOT = 5;

function hotLinks(profile: Profile): Section {
  return {
    id: 'hot-links',
    title: `Hot links under ${POLICY[profile.hotPolicy]}`,
    columns: [left('link'), right('of hottest'), right('time'), right('bytes'), left('caused by')],
    rows: profile.hotLinks
      .slice(0, HOT)
      .map((h): Cell[] => [
        h.link,
        quantity(h.utilisation, 'percent'),
        quantity(h.seconds, 'seconds'),
        quantity(h.bytes, 'bytes'),
        causes(h.causes),
      ]),
    notes: [],
  };
}

function hotPaths(profile: Profile): Section {
  return {
    id: 'hot-paths',
    title: 'Hot paths: NIC to NIC, by the hottest link on the way',
    columns: [left('from'), left('to'), right('bytes'), right('of hottest'), left('caused by')],
    rows: profile.hotPaths
      .slice(0, HOT)
      .map((h): Cell[] => [
        h.from,
        h.to,
        quantity(h.bytes, 'bytes'),
        quantity(h.utilisation, 'percent'),
        causes(h.causes),
      ]),
    notes: [],
  };
}

/** The largest cause; the plan lists all. */
function causes(all: readonly Cause[]): string {
  const named = all
    .slice(0, 1)
    .map((c) => `${(100 * c.share).toFixed(0)} % ${c.operation} of ranks ${c.ranks}`);
  const rest = all.length - named.length;
  return named.join('; ') + (rest > 0 ? `; ${rest} more` : '');
}

function curve(profile: Profile): Section {
  return {
    id: 'curve',
    title: `Hot-path curve: pins over ${POLICY[profile.pinnedOver]}`,
    columns: [right('pinned'), right('busiest link'), right('ratio'), left()],
    // One point is no curve; the notes say why there is no second.
    rows: (profile.hotPathCurve.length > 1 ? profile.hotPathCurve : []).map((c): Cell[] => [
      quantity(c.pinned, 'count'),
      quantity(c.maxLoad, 'seconds'),
      quantity(c.ratio, 'ratio'),
      '█'.repeat(Math.round(40 * Math.min(1, c.ratio))),
    ]),
    notes: [],
  };
}
