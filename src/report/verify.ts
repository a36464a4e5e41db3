import type { EntryMove, HotTableLink, TablesProfile } from '../profile/types.ts';
import type { SubnetCheck, TrafficDemand } from '../routing/types.ts';
import { formatNumber, formatSeconds } from '../units/format.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

/** One traffic under the tables. */
export interface ProfiledTraffic {
  readonly demand: Omit<TrafficDemand, 'flows'>;
  readonly profile: TablesProfile;
  /** Bytes per second of most links between switches. */
  readonly rate: number;
}

/** What following the tables found, and the load that they make. */
export function verifySections(check: SubnetCheck, traffics: readonly ProfiledTraffic[]): Section[] {
  return [followed(check), ...traffics.map((t) => hotList(t))];
}

function followed({ verifications, lids, faults, lanes, wrong }: SubnetCheck): Section {
  const rows: Cell[][] = [];
  for (const [offset, v] of verifications.entries()) {
    const which = offset === 0 ? '' : `, LID + ${offset}`;
    rows.push([`leaf to endpoint${which}`, ofAll(v.pairs - v.unreachablePairs, v.pairs)]);
    if (v.aggregatorPairs > 0) {
      const reached = v.aggregatorPairs - v.unreachableAggregatorPairs;
      rows.push([`with an aggregation node${which}`, ofAll(reached, v.aggregatorPairs)]);
    }
  }
  rows.push(['leaf to switch', ofAll(lids.switchPairs - lids.unreachableSwitchPairs, lids.switchPairs)]);
  for (const f of faults) rows.push([f.kind, String(f.count)]);
  rows.push(
    [
      'deadlock',
      lids.cycle === null
        ? 'free: no links wait in a circle'
        : `NOT free on one lane: a circle of ${lids.cycle.length} links`,
    ],
    ...lanesRow(lanes),
    ['entries of the fullest table', String(verifications.reduce((sum, v) => sum + v.entriesMax, 0))],
  );
  const dead = verifications[0]?.deadEndpoints ?? 0;
  const notes = dead > 0 ? [`Endpoints with a dead cable, which are in no pair: ${dead}.`] : [];
  return {
    id: 'verified',
    title: `Followed: ${wrongText(wrong.length)}`,
    columns: [left('pairs and checks'), left('joined or found')],
    rows,
    notes: [...notes, ...wrong],
  };
}

/** 'nothing is wrong', '1 thing is wrong', '2 things are wrong'. */
export function wrongText(count: number): string {
  if (count === 0) return 'nothing is wrong';
  return count === 1 ? '1 thing is wrong' : `${count} things are wrong`;
}

function lanesRow(lanes: SubnetCheck['lanes']): Cell[][] {
  if (lanes === null) return [];
  const needed = lanes.lanes === null ? `more than ${lanes.byLane.length}` : String(lanes.lanes);
  return [['virtual lanes needed (paths on each)', `${needed} (${lanes.byLane.join(', ')})`]];
}

function ofAll(reached: number, all: number): string {
  return reached === all ? `all ${all}` : `${reached} of ${all}`;
}

/** A load as the traffic counts it: pairs at the usual rate, or seconds. */
function load(seconds: number, { demand, rate }: ProfiledTraffic): string {
  return demand.unit ? formatNumber(seconds * rate, 5) : formatSeconds(seconds);
}

const unitName = ({ demand }: ProfiledTraffic): string => (demand.unit ? 'pairs' : 'seconds at line rate');

function summary(t: ProfiledTraffic): string[] {
  const { profile } = t;
  const notes = [`Busiest ${load(profile.maxLoad, t)}, mean ${load(profile.meanLoad, t)}.`];
  if (profile.unrouted > 0) notes.push(`The tables do not carry ${profile.unrouted} flows between leaves.`);
  return notes;
}

function hotList(t: ProfiledTraffic): Section {
  return {
    id: `hot-${t.demand.label}`,
    title: `Hot links under ${t.demand.label}, ${unitName(t)}`,
    columns: [left('link'), left('way'), right('load'), right('of hottest'), right('hosts'), right('to')],
    rows: t.profile.hotLinks.map((h): Cell[] => [
      h.link,
      h.direction,
      load(h.seconds, t),
      quantity(h.utilisation, 'percent'),
      h.hosts === null ? null : quantity(h.hosts, 'count'),
      quantity(h.destinations, 'count'),
    ]),
    notes: summary(t),
  };
}

/** Hot links with their causes and cures, and how far a chain of moved entries gets. */
export function tablesProfileSections(traffics: readonly ProfiledTraffic[]): Section[] {
  return traffics.flatMap((t) =>
    [causes(t), cures(t), chain(t)].filter((s) => s.rows.length > 0 || s.notes.length > 0),
  );
}

function causes(t: ProfiledTraffic): Section {
  return {
    id: `hot-${t.demand.label}`,
    title: `Hot links under ${t.demand.label}, ${unitName(t)}: who meets there`,
    columns: [
      left('link'),
      right('load'),
      right('hosts'),
      right('to'),
      left('largest: leaf, hosts, destination'),
    ],
    rows: t.profile.hotLinks.map((h): Cell[] => [
      h.link,
      load(h.seconds, t),
      h.hosts === null ? null : quantity(h.hosts, 'count'),
      quantity(h.destinations, 'count'),
      largest(h),
    ]),
    notes: summary(t),
  };
}

/** The largest cause in words; the machine's output lists all. */
function largest({ causes, entries }: HotTableLink): string {
  const first = causes[0];
  if (first === undefined) return '';
  const more = first.hostCount - first.hosts.length;
  const hosts = `${first.hosts.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const from = hosts === '' ? first.leaf : `${first.leaf} (${hosts})`;
  const rest = entries > 1 ? `; ${entries - 1} more entries` : '';
  return `${formatNumber(100 * first.share, 2)} % ${from} to ${first.to}${rest}`;
}

function cures(t: ProfiledTraffic): Section {
  return {
    id: `pins-${t.demand.label}`,
    title: 'What one moved entry would gain on each',
    columns: [left('link'), right('now'), right('then'), left('move')],
    rows: t.profile.hotLinks.map((h): Cell[] =>
      h.pin === null
        ? [h.link, load(h.seconds, t), null, 'no single entry relieves it']
        : [h.link, load(h.pin.before, t), load(h.pin.after, t), moveText(h.pin)],
    ),
    notes: [],
  };
}

function moveText({ leaf, to, fromPort, toPort, via }: EntryMove): string {
  return `${leaf} to ${to}: port ${fromPort} to ${toPort} (${via})`;
}

function chain(t: ProfiledTraffic): Section {
  const { curve, moves } = t.profile;
  const last = curve[curve.length - 1]!;
  return {
    id: `curve-${t.demand.label}`,
    title: 'Busiest link after so many moved entries, the hottest first',
    columns: [right('moved'), right('busiest'), right('ratio'), left('last move')],
    rows: curve
      .filter((c) => c === last || (c.pinned & (c.pinned - 1)) === 0)
      .map((c): Cell[] => {
        const move = moves[c.pinned - 1];
        const text = move === undefined ? '' : moveText(move);
        return [quantity(c.pinned, 'count'), load(c.maxLoad, t), quantity(c.ratio, 'ratio'), text];
      }),
    notes: [],
  };
}

/** The same for machines. */
export function verifyJson(check: SubnetCheck, traffics: readonly ProfiledTraffic[]): object {
  const { verifications, lids, faults, lanes, wrong } = check;
  return {
    wrong,
    deadlockFree: lids.cycle === null,
    ...(lanes !== null && { virtualLanes: lanes }),
    verifications: verifications.map(({ examples, cycle: _, ...v }) => ({ ...v, examples })),
    switches: { pairs: lids.switchPairs, unreachable: lids.unreachableSwitchPairs },
    faults,
    traffic: profileJson(traffics),
  };
}

export function profileJson(traffics: readonly ProfiledTraffic[]): object[] {
  return traffics.map(({ demand, profile, rate }) => ({
    traffic: demand.label,
    ...(demand.unit && { maxPairs: profile.maxLoad * rate }),
    ...profile,
  }));
}
