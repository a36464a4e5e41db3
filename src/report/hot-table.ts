import { linkName } from '../fabric/names.ts';
import type { Fabric } from '../fabric/types.ts';
import { profileTables } from '../profile/tables.ts';
import type { HotTableLink } from '../profile/types.ts';
import type { NextHops, Routes } from '../routes/types.ts';
import { formatPercent, formatSeconds } from '../units/format.ts';
import type { FabricMaps } from './map.ts';
import { amount, type Carried, usersOf } from './selection.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

/** The hottest links with cause and cure, and where each is on the maps. */
export interface HotTable {
  readonly section: Section;
  /** Cell of each row on the maps, -1 when it has none, and whether the row is its way up. */
  readonly cells: readonly number[];
  readonly up: readonly boolean[];
}

/**
 * The `top` hottest links under a routing. The cure of tables is the one moved entry that relieves the link best;
 * elsewhere the heaviest pair, pinned another way, and what that takes off. O(top * flows).
 */
export function hotTable(
  carried: Carried,
  hops: NextHops,
  routes: Routes,
  maps: FabricMaps,
  title: string,
  top: number,
): HotTable {
  const { fabric, flows, load, unit } = carried;
  const timed = unit === 'bytes';
  const seconds = (l: number): number => load[l]! / fabric.linkRate[l]!;
  const { cellOf, links } = placed(maps, fabric);
  const hot = links
    .filter((l) => fabric.linkAlive[l] === 1 && load[l]! > 0)
    .sort((a, b) => seconds(b) - seconds(a) || a - b)
    .slice(0, top);
  const most = hot.length > 0 ? seconds(hot[0]!) : 1;
  const moves = routes.kind === 'tables' ? movesOf({ fabric, hops, flows, routes }, top, timed) : new Map();
  const section: Section = {
    id: 'hot-table',
    title: `Hottest links under ${title}`,
    columns: [
      left('link'),
      ...(timed ? [right('time')] : []),
      right('of hottest'),
      right(unit),
      left('largest cause'),
      left('cheapest cure'),
    ],
    rows: hot.map((l): Cell[] => {
      const { operations, pairs } = usersOf(carried, [l]);
      const [cause] = operations;
      const name = linkName(fabric, l);
      return [
        name,
        ...(timed ? [quantity(seconds(l), 'seconds')] : []),
        quantity(seconds(l) / most, 'percent'),
        amount(carried, load[l]!),
        cause === undefined ? '' : `${formatPercent(cause.bytes / load[l]!)} ${cause.operation}`,
        moves.get(name) ?? pinText(fabric, pairs[0], load[l]!),
      ];
    }),
    notes: hot.length === 0 ? ['No link between switches carries anything.'] : [],
  };
  return {
    section,
    cells: hot.map((l) => cellOf.get(l) ?? -1),
    up: hot.map((l) => fabric.linkDirection[l] === 1),
  };
}

/** Both directions of every cable on the maps, and the cell of each. */
function placed({ cells, start, links }: FabricMaps, fabric: Fabric) {
  const cellOf = new Map<number, number>();
  for (let cell = 0; cell < cells; cell++) {
    for (let i = start[cell]!; i < start[cell + 1]!; i++) {
      cellOf.set(links[i]!, cell);
      cellOf.set(fabric.linkReverse[links[i]!]!, cell);
    }
  }
  return { cellOf, links: [...cellOf.keys()] };
}

type Tables = Omit<Parameters<typeof profileTables>[0], 'merged' | 'top' | 'moves'>;

function movesOf(tables: Tables, top: number, timed: boolean): Map<string, string> {
  const { hotLinks } = profileTables({ ...tables, merged: false, top, moves: 0 });
  return new Map(hotLinks.map((h) => [h.link, moveText(h, timed)]));
}

function moveText({ pin }: HotTableLink, timed: boolean): string {
  if (pin === null) return 'no single entry relieves it';
  const gain = timed
    ? `${formatSeconds(pin.before)} to ${formatSeconds(pin.after)}`
    : `${formatPercent(1 - pin.after / pin.before)} less`;
  return `at ${pin.leaf} lead ${pin.to} to port ${pin.toPort} (${pin.via}): ${gain}`;
}

function pinText(
  fabric: Fabric,
  pair: { readonly src: number; readonly dst: number; readonly bytes: number } | undefined,
  total: number,
): string {
  if (pair === undefined) return '';
  const { src, dst, bytes } = pair;
  return `pin ${fabric.names[src]} to ${fabric.names[dst]} another way: takes off ${formatPercent(bytes / total)}`;
}
