import { linkName } from '../fabric/names.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { busiest } from '../flow/bottleneck.ts';
import { summarise, switchLinks } from '../flow/summary.ts';
import type { CurvePoint } from '../flow/types.ts';
import type { NextHops, TableRoutes } from '../routes/types.ts';
import { Entries } from './entries.ts';
import type { EntryCause, EntryMove, HotTableLink, TablesProfile } from './types.ts';

const CAUSES = 5;
const HOSTS = 3;

export interface TablesInput {
  readonly fabric: Fabric;
  readonly hops: NextHops;
  readonly flows: Flows;
  /** True when a flow stands for all senders of its leaf: hosts are not told apart then. */
  readonly merged: boolean;
  readonly routes: TableRoutes;
  /** Hot links that are listed. */
  readonly top: number;
  /** Most entries that are moved one after the other. */
  readonly moves: number;
}

/**
 * Where given tables jam under a traffic: the hottest links between switches (lowest id first where they tie), the
 * entries, hosts and destinations that meet there, what moving one entry would gain on each, and what a chain of
 * such moves would on the whole. O((1 + moves) * units * hops + links log links).
 */
export function profileTables(input: TablesInput): TablesProfile {
  const { fabric, hops, flows, routes } = input;
  const entries = new Entries(fabric, hops, flows, routes);
  const links = switchLinks(fabric);
  const { maxLoad, meanLoad } = summarise(fabric, entries.load, links);
  const seconds = (l: number): number => entries.load[l]! / fabric.linkRate[l]!;
  const hot = Array.from(links)
    .filter((l) => entries.load[l]! > 0)
    .sort((a, b) => seconds(b) - seconds(a) || a - b)
    .slice(0, input.top);
  const crossing = unitsOn(fabric, entries, hot);
  const hotLinks = hot.map((l): HotTableLink => {
    const units = crossing.get(l)!;
    const relief = entries.relief(l, units);
    return {
      link: linkName(fabric, l),
      direction: fabric.linkDirection[l]! > 0 ? 'up' : fabric.linkDirection[l]! < 0 ? 'down' : 'level',
      seconds: seconds(l),
      bytes: entries.load[l]!,
      utilisation: seconds(l) / maxLoad,
      ...causesOf(input, entries, l, units),
      pin: relief === null ? null : entries.describe(relief),
    };
  });
  const { unrouted } = entries;
  return { maxLoad, meanLoad, unrouted, hotLinks, ...moved(fabric, entries, links, input.moves) };
}

function unitsOn(fabric: Fabric, entries: Entries, links: readonly number[]): Map<number, number[]> {
  const marked = new Uint8Array(fabric.links);
  const found = new Map<number, number[]>();
  for (const l of links) {
    marked[l] = 1;
    found.set(l, []);
  }
  entries.crossings(marked, (unit, link) => found.get(link)!.push(unit));
  return found;
}

function causesOf(
  input: TablesInput,
  entries: Entries,
  link: number,
  units: readonly number[],
): Pick<HotTableLink, 'entries' | 'hosts' | 'destinations' | 'causes'> {
  const { names } = input.fabric;
  const { source, dst, bytes } = entries.units;
  const hosts = new Set<string>();
  for (const u of units) for (const host of sendersOf(input, entries, u)) hosts.add(host);
  const causes = [...units]
    .sort((a, b) => bytes[b]! - bytes[a]! || a - b)
    .slice(0, CAUSES)
    .map((u): EntryCause => {
      const senders = sendersOf(input, entries, u);
      return {
        leaf: names[source[u]!]!,
        to: names[dst[u]!]!,
        hosts: [...senders].slice(0, HOSTS),
        hostCount: senders.size,
        bytes: bytes[u]!,
        share: bytes[u]! / entries.load[link]!,
      };
    });
  return {
    entries: units.length,
    hosts: input.merged ? null : hosts.size,
    destinations: new Set(units.map((u) => dst[u]!)).size,
    causes,
  };
}

/** Names of the hosts whose flows make up a unit, none when merged; an endpoint without a host goes by its own. */
function sendersOf({ fabric, flows, merged }: TablesInput, { units }: Entries, unit: number): Set<string> {
  const senders = new Set<string>();
  if (merged) return senders;
  for (let i = units.start[unit]!; i < units.start[unit + 1]!; i++) {
    const e = flows.src[units.flow[i]!]!;
    senders.add(fabric.hosts.names[fabric.hosts.of[e]!] ?? fabric.names[e]!);
  }
  return senders;
}

/** Relieves what is hottest, again and again; ends early where no single entry helps. */
function moved(
  fabric: Fabric,
  entries: Entries,
  links: Uint32Array,
  most: number,
): { moves: EntryMove[]; curve: CurvePoint[] } {
  const moves: EntryMove[] = [];
  const none = busiest(fabric, entries.load, links).seconds;
  const curve: CurvePoint[] = [{ pinned: 0, maxLoad: none, ratio: 1 }];
  while (moves.length < most) {
    const { link } = busiest(fabric, entries.load, links);
    if (link < 0) break;
    const move = entries.relief(link, unitsOn(fabric, entries, [link]).get(link)!);
    if (move === null) break;
    moves.push(entries.describe(move));
    entries.apply(move);
    const maxLoad = busiest(fabric, entries.load, links).seconds;
    curve.push({ pinned: moves.length, maxLoad, ratio: maxLoad / none });
  }
  return { moves, curve };
}
