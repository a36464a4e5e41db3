import type { JudgedTables, Loads, PatternRouting } from '../routing/types.ts';
import { formatNumber, formatSeconds } from '../units/format.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

type Demand = PatternRouting['demands'][number];

/** Tables before and after, one section a traffic: the busiest link up and down, and how near the bounds that is. */
export function routeSections(routing: PatternRouting): Section[] {
  return [...routing.demands.map((demand, d) => loads(routing, demand, d)), tables(routing)];
}

function loads({ before, after, rate }: PatternRouting, demand: Demand, d: number): Section {
  const priority = demand.priority === 1 ? '' : `, priority ${formatNumber(demand.priority)}`;
  const { fractional, wholeDestination, fractionalKind } = demand.bounds;
  const bound = (seconds: number): string => loadText(seconds, demand.unit, rate);
  const kind = {
    cut: 'by a cut, exact',
    'linear-program': 'linear programme, exact',
    dual: 'certified dual',
  }[fractionalKind];
  const notes = [
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
      loadRow(`after: ${after.name}`, after, d, demand, rate),
    ],
    notes,
  };
}

function loadRow(label: string, tables: JudgedTables, d: number, demand: Demand, rate: number): Cell[] {
  const load = tables.loads[d]!;
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
    notes: [...notes, ...special(after)],
  };
}

function special({ verification: v }: JudgedTables): string[] {
  const notes: string[] = [];
  if (v.unreachableAggregatorPairs > 0) {
    notes.push(
      `${v.unreachableAggregatorPairs} of ${v.aggregatorPairs} pairs with an aggregation node have no up/down path: the file of tables leads them through one common leaf.`,
    );
  }
  if (v.deadEndpoints > 0)
    notes.push(`Endpoints with a dead cable, which are in no pair: ${v.deadEndpoints}.`);
  return notes;
}

/** The same for machines; loads in seconds, and in pairs where the demand is of pairs. */
export function routeJson(routing: PatternRouting): object {
  const { demands, before, after, rate, entriesLimit, notes } = routing;
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
