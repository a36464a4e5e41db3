import type { JudgedTables, Loads, PatternRouting } from '../routing/types.ts';
import { formatNumber, formatSeconds } from '../units/format.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

type Demand = PatternRouting['demands'][number];

/** Tables before and after, one section a traffic: the busiest link up and down, and how near the bounds that is. */
export function routeSections(routing: PatternRouting): Section[] {
  return [
    ...routing.demands.map((demand, d) => loads(routing, demand, d)),
    tables(routing),
    ...repair(routing),
    ...valley(routing),
  ];
}

function loads(routing: PatternRouting, demand: Demand, d: number): Section {
  const { before, after, rate, spread } = routing;
  const priority = demand.priority === 1 ? '' : `, priority ${formatNumber(demand.priority)}`;
  const { fractional, wholeDestination, fractionalKind } = demand.bounds;
  const bound = (seconds: number): string => loadText(seconds, demand.unit, rate);
  const kind = {
    cut: 'by a cut, exact',
    'linear-program': 'linear programme, exact',
    dual: 'certified dual',
  }[fractionalKind];
  const noBound = fractional === 0 && wholeDestination === 0;
  const notes = noBound
    ? ['Bounds are those of trees; this wiring is none.']
    : [
        `No routing does better than ${bound(fractional)} (${kind}), no table of whole destinations than ${bound(wholeDestination)}.`,
      ];
  if (demand.unroutable > 0)
    notes.push(`No up/down path joins the ends of ${demand.unroutable} flows; they are left out.`);
  return {
    id: `route-${demand.label}`,
    title: `Busiest switch link, ${demand.label}${priority}: ${demand.unit ? 'pairs' : 'seconds at line rate'}`,
    columns: [
      left('tables'),
      right('up'),
      right('down'),
      right('to whole bound'),
      right('to any bound'),
      left(),
    ],
    rows: [
      ...before.map((t) => loadRow(`before: ${t.name}`, t, d, demand, rate)),
      loadRow(`after: ${after.name}${spread === null ? '' : ', base LIDs alone'}`, after, d, demand, rate),
      ...spreadRows(routing, d),
    ],
    notes: [...notes, ...spreadNotes(routing, d)],
  };
}

function spreadRows({ spread, demands, rate }: PatternRouting, d: number): Cell[][] {
  if (spread === null) return [];
  const { unit, bounds, unroutable } = demands[d]!;
  const own = { ...bounds, wholeDestination: spread.bounds[d]! };
  return [
    row(
      `after: ${spread.lids} LIDs a port together`,
      spread.loads[d]!,
      { unit, bounds: own, unroutable },
      rate,
    ),
  ];
}

function spreadNotes({ spread, demands, rate }: PatternRouting, d: number): string[] {
  if (spread === null) return [];
  const bound = loadText(spread.bounds[d]!, demands[d]!.unit, rate);
  return [
    `With a pair's bytes split evenly over ${spread.lids} LIDs no tables do better than ${bound}. NCCL uses the base LID: to it only the base LIDs' row counts.`,
  ];
}

function loadRow(label: string, tables: JudgedTables, d: number, demand: Demand, rate: number): Cell[] {
  return row(label, tables.loads[d]!, demand, rate);
}

function row(
  label: string,
  load: Loads,
  demand: Pick<Demand, 'unit' | 'bounds' | 'unroutable'>,
  rate: number,
): Cell[] {
  const { fractional, wholeDestination } = demand.bounds;
  return [
    label,
    loadCell(load.up, demand.unit, rate),
    loadCell(load.down, demand.unit, rate),
    wholeDestination > 0 ? quantity(worst(load) / wholeDestination, 'ratio') : null,
    fractional > 0 ? quantity(worst(load) / fractional, 'ratio') : null,
    load.unrouted > demand.unroutable ? `does not carry ${load.unrouted - demand.unroutable} flows` : '',
  ];
}

const worst = ({ up, down }: Loads): number => Math.max(up, down);

/** Unit demand in pairs (of a link with the usual rate), other demand in seconds. */
export function loadCell(seconds: number, unit: boolean, rate: number): Cell {
  return unit ? loadText(seconds, unit, rate) : quantity(seconds, 'seconds');
}

export function loadText(seconds: number, unit: boolean, rate: number): string {
  return unit ? formatNumber(seconds * rate, 5) : formatSeconds(seconds);
}

function tables({ before, after, entriesLimit, notes }: PatternRouting): Section {
  return {
    id: 'tables',
    title: 'Tables, followed switch by switch',
    columns: [left('tables'), left('reach all'), left('no deadlock'), right('entries'), right('of a switch')],
    rows: [...before, after].map(({ name, verification: v }): Cell[] => [
      name,
      v.reachable ? 'yes' : `NO: ${v.unreachablePairs} pairs`,
      v.deadlockFree ? 'yes' : 'NO',
      quantity(v.entriesMax, 'count'),
      quantity(v.entriesMax / entriesLimit, 'percent'),
    ]),
    notes: [...notes, ...dead(after)],
  };
}

function dead({ verification: { deadEndpoints } }: JudgedTables): string[] {
  return deadEndpoints > 0 ? [`Endpoints with a dead cable, which are in no pair: ${deadEndpoints}.`] : [];
}

function repair({ repair: summary, after }: PatternRouting): Section[] {
  if (summary === null || (summary.changedEntries === 0 && after.name !== 'repaired')) return [];
  const { policy, changedEntries, entries, changedSwitches, lostPairs } = summary;
  const rows: Cell[][] = [
    ['entries changed', quantity(changedEntries, 'count')],
    ['of all', quantity(changedEntries / Math.max(1, entries), 'percent')],
    ['switches that have any', quantity(changedSwitches, 'count')],
    ['pairs that no up/down path joins any more', quantity(lostPairs, 'count')],
  ];
  const kept =
    after.name === 'repaired' ? 'These are the tables written.' : 'With --repair these are written.';
  const how =
    policy === 'few'
      ? 'as few entries as possible'
      : 'every leaf that lost a path chooses anew, so that less piles up';
  return [
    {
      id: 'repair',
      title: `Repair of the current tables: ${how}`,
      columns: [left(), right()],
      rows,
      notes: [changedEntries === 0 ? 'Nothing in the current tables is broken.' : kept],
    },
  ];
}

function valley({ valley: v }: PatternRouting): Section[] {
  if (v.pairs === 0) return [];
  const joined = v.pairs - v.leftOut;
  const rows: Cell[][] = [
    ['(switch, endpoint) pairs', quantity(v.pairs, 'count')],
    ['of them between hosts', quantity(v.workloadPairs, 'count')],
    ['led down into a leaf and up again', quantity(joined, 'count')],
    ['left without an entry', quantity(v.leftOut, 'count')],
  ];
  if (joined > 0 && v.leaves.length > 0) rows.push(['through', v.leaves.slice(0, 3).join(', ')]);
  rows.push(['virtual lanes needed', quantity(v.lanesNeeded, 'count')]);
  const notes =
    v.lanesNeeded > 1
      ? ['The subnet manager must give these pairs a service level that maps to a virtual lane of their own.']
      : joined > 0
        ? ['One lane is enough: these ways and all others together close no circle.']
        : [];
  return [{ id: 'valleys', title: 'Pairs without an up/down path', columns: [left(), right()], rows, notes }];
}

/** The same for machines; loads in seconds, and in pairs where the demand is of pairs. */
export function routeJson(routing: PatternRouting): object {
  const { demands, before, after, rate, entriesLimit, notes, spread, repair, valley } = routing;
  const judged = (t: JudgedTables): object => ({
    tables: t.name,
    reachable: t.verification.reachable,
    deadlockFree: t.verification.deadlockFree,
    tableEntries: t.verification.entriesMax,
    traffic: demands.map((d, i) => {
      const load = t.loads[i]!;
      return {
        traffic: d.label,
        ...loadJson(load, d.unit, rate),
        ratioToFractional: d.bounds.fractional > 0 ? worst(load) / d.bounds.fractional : 1,
        ratioToWhole: d.bounds.wholeDestination > 0 ? worst(load) / d.bounds.wholeDestination : 1,
        unrouted: load.unrouted,
      };
    }),
  });
  return {
    traffic: demands.map((d) => ({
      traffic: d.label,
      priority: d.priority,
      fractionalBound: d.bounds.fractional,
      fractionalKind: d.bounds.fractionalKind,
      wholeDestinationBound: d.bounds.wholeDestination,
      ...(d.unit && {
        fractionalBoundPairs: d.bounds.fractional * rate,
        wholeDestinationBoundPairs: d.bounds.wholeDestination * rate,
      }),
      unroutable: d.unroutable,
    })),
    before: before.map(judged),
    after: judged(after),
    ...(spread !== null && {
      allLids: {
        lids: spread.lids,
        traffic: demands.map((d, i) => ({
          traffic: d.label,
          ...loadJson(spread.loads[i]!, d.unit, rate),
          wholeDestinationBound: spread.bounds[i],
          ...(d.unit && { wholeDestinationBoundPairs: spread.bounds[i]! * rate }),
        })),
      },
    }),
    ...(repair !== null && { repair }),
    valley,
    entriesLimit,
    notes,
  };
}

export function loadJson(load: Loads, unit: boolean, rate: number): object {
  return {
    up: load.up,
    down: load.down,
    ...(unit && { upPairs: load.up * rate, downPairs: load.down * rate }),
  };
}
