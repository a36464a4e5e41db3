import { isSwitch } from '../fabric/builder.ts';
import { linkName } from '../fabric/names.ts';
import { formatCount, formatPercent } from '../units/format.ts';
import { type TreeLink, tree } from './charts/tree.ts';
import type { Chart } from './charts/types.ts';
import { amount, amountText, type Carried, order, sharesOver, usersOf } from './selection.ts';
import { left, right } from './types.ts';

/** Operations named when a link is pointed at. */
const NAMED = 2;

/** In one line, who uses some links. O(hops of all paths). */
export function usersText(carried: Carried, links: readonly number[]): string {
  const { operations, flows } = usersOf(carried, links);
  if (flows === 0) return 'no flow uses it';
  const bytes = operations.reduce((sum, o) => sum + o.bytes, 0);
  const named = operations.slice(0, NAMED).map((o) => `${formatPercent(o.bytes / bytes, 2)} ${o.operation}`);
  const more = operations.length > NAMED ? ` and ${operations.length - NAMED} more` : '';
  return `${amountText(carried, bytes)} in ${formatCount(flows)} flows: ${named.join(', ')}${more}`;
}

/** Endpoints up to which they are drawn, and links at most: the heaviest. */
const MOST_ENDPOINTS = 48;
const MOST_LINKS = 240;

/**
 * Where the flows over some links come from and go to: every link on their ways, by the bytes that these flows carry
 * there. Among very many endpoints the switches alone. O(hops of all paths).
 */
export function waysThrough(carried: Carried, links: readonly number[]): Chart {
  const { fabric } = carried;
  const wanted = new Set(links);
  const all = linksOfUsers(carried, wanted);
  const nodes = new Set([...all.keys()].flatMap((l) => [fabric.linkFrom[l]!, fabric.linkTo[l]!]));
  const endpoints = [...nodes].filter((n) => !isSwitch(fabric, n)).length;
  const between = (l: number): boolean =>
    isSwitch(fabric, fabric.linkFrom[l]!) && isSwitch(fabric, fabric.linkTo[l]!);
  const shown = [...all]
    .filter(([l]) => endpoints <= MOST_ENDPOINTS || between(l))
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, MOST_LINKS)
    .sort(([a], [b]) => order(fabric, a) - order(fabric, b) || a - b);
  const most = Math.max(...shown.map(([, bytes]) => bytes), Number.MIN_VALUE);
  const drawn = shown.map(
    ([link, bytes]): TreeLink => ({
      link,
      share: bytes / most,
      says: `${linkName(fabric, link)}: ${amountText(carried, bytes)} of these flows`,
      ...(wanted.has(link) && { chosen: true }),
    }),
  );
  const title = 'Where its flows come from and go to';
  const unseen = endpoints > MOST_ENDPOINTS ? `; their ${formatCount(endpoints)} endpoints are left out` : '';
  const summary = `${title}: ${shown.length} of ${all.size} links on their ways${unseen}`;
  return {
    id: 'ways',
    title,
    summary,
    picture: tree(fabric, drawn, summary),
    table: {
      id: 'ways',
      title,
      columns: [left('link'), right(`${carried.unit} of these flows`)],
      rows: shown.map(([link, bytes]) => [linkName(fabric, link), amount(carried, bytes)]),
      notes: [],
    },
  };
}

/** Bytes that the flows over some links carry on every link of their ways. */
function linksOfUsers(carried: Carried, wanted: ReadonlySet<number>): Map<number, number> {
  const { flows, ways } = carried;
  const { start, link, share } = ways.paths;
  const over = sharesOver(carried, wanted);
  const perPath = new Float64Array(ways.paths.count);
  for (let part = 0; part < ways.parts; part++) {
    const path = ways.path[part]!;
    if (path >= 0 && over[path]! > 0) perPath[path]! += flows.bytes[ways.flow[part]!]! * ways.share[part]!;
  }
  const bytes = new Map<number, number>();
  for (let p = 0; p < perPath.length; p++) {
    if (perPath[p] === 0) continue;
    for (let i = start[p]!; i < start[p + 1]!; i++) {
      const own = perPath[p]! * (share === null ? 1 : share[i]!);
      bytes.set(link[i]!, (bytes.get(link[i]!) ?? 0) + own);
    }
  }
  return bytes;
}
