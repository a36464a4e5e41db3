import { oncePer } from '../base/once.ts';
import { isSwitch } from '../fabric/builder.ts';
import type { Fabric } from '../fabric/types.ts';
import type { LinkLoad } from '../flow/types.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

/**
 * A fabric as matrices: one map for each set of switches of two neighbouring tiers that cables join, the lower ones as
 * rows. A plane of two layers is one map, leaf by spine; a pod of a three-layer tree is one, and a group of cores.
 */
export interface FabricMap {
  readonly title: string;
  readonly plane: number;
  /** Of the rows: 1 leaves, 2 spines. */
  readonly tier: number;
  /** Node ids, ascending. */
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** Cell (r, c) of this map is cell offset + r * columns + c of all. */
  readonly offset: number;
}

export interface FabricMaps {
  readonly maps: readonly FabricMap[];
  readonly cells: number;
  /** Links up of each cell: links[start[cell]] to links[start[cell + 1]]; parallel cables share a cell. */
  readonly start: Uint32Array;
  readonly links: Uint32Array;
}

/** What loads are counted in: seconds at line rate, or pairs where each pair of NICs exchanges one unit. */
export interface LoadMeasure {
  readonly unit: 'seconds' | 'count';
  /** From seconds. */
  readonly factor: number;
}

export const SECONDS: LoadMeasure = { unit: 'seconds', factor: 1 };

/** What a routing puts into the cells. */
export interface CellLoads {
  readonly unit: LoadMeasure['unit'];
  /** Of the fullest cable of a cell, towards the top and back; NaN: no cable, -1: none of them alive. */
  readonly up: Float32Array;
  readonly down: Float32Array;
  readonly fullest: number;
}

/** O(nodes + links log links). */
export const fabricMaps = oncePer((fabric: Fabric): FabricMaps => {
  const parent = Int32Array.from({ length: fabric.nodes }, (_, n) => n);
  const maps: FabricMap[] = [];
  let cells = 0;
  for (const tier of [1, 2]) {
    const ups = upLinks(fabric, tier);
    parent.forEach((_, n) => {
      parent[n] = n;
    });
    for (const l of ups) join(parent, fabric.linkFrom[l]!, fabric.linkTo[l]!);
    for (const [rows, columns] of groups(fabric, ups, parent)) {
      maps.push({ title: '', plane: fabric.plane[rows[0]!]!, tier, rows, columns, offset: cells });
      cells += rows.length * columns.length;
    }
  }
  maps.sort((a, b) => a.tier - b.tier || a.plane - b.plane || a.rows[0]! - b.rows[0]!);
  return { maps: titled(fabric, maps), cells, ...linksOf(fabric, maps, cells) };
});

/** Links from switches of a tier to switches above, dead ones too: a cut cable has its place on the map. */
function upLinks(fabric: Fabric, tier: number): number[] {
  const links: number[] = [];
  for (let l = 0; l < fabric.links; l++) {
    const from = fabric.linkFrom[l]!;
    const to = fabric.linkTo[l]!;
    if (fabric.tier[from] !== tier || fabric.linkDirection[l] !== 1) continue;
    if (isSwitch(fabric, from) && isSwitch(fabric, to)) links.push(l);
  }
  return links;
}

function join(parent: Int32Array, a: number, b: number): void {
  const x = rootOf(parent, a);
  const y = rootOf(parent, b);
  if (x !== y) parent[Math.max(x, y)] = Math.min(x, y);
}

function rootOf(parent: Int32Array, n: number): number {
  let root = n;
  while (parent[root] !== root) {
    parent[root] = parent[parent[root]!]!;
    root = parent[root]!;
  }
  return root;
}

function groups(fabric: Fabric, ups: readonly number[], parent: Int32Array): [Int32Array, Int32Array][] {
  const found = new Map<number, [Set<number>, Set<number>]>();
  for (const l of ups) {
    const root = rootOf(parent, fabric.linkFrom[l]!);
    const group = found.get(root) ?? [new Set(), new Set()];
    group[0].add(fabric.linkFrom[l]!);
    group[1].add(fabric.linkTo[l]!);
    found.set(root, group);
  }
  const sorted = (nodes: Set<number>): Int32Array => Int32Array.from(nodes).sort();
  return [...found.values()].map(([rows, columns]) => [sorted(rows), sorted(columns)]);
}

function titled(fabric: Fabric, maps: readonly FabricMap[]): FabricMap[] {
  const seen = new Map<string, number>();
  const twoTiers = maps.some((m) => m.tier === 2);
  return maps.map((map) => {
    const plane = fabric.planes > 1 ? `plane ${map.plane}` : '';
    const kind = map.tier === 2 ? 'cores' : twoTiers ? 'pod' : '';
    const key = `${plane}${kind}`;
    const at = seen.get(key) ?? 0;
    seen.set(key, at + 1);
    const parts = [plane, kind === '' ? '' : `${kind} ${at}`].filter((p) => p !== '');
    return { ...map, title: parts.join(', ') || 'leaf by spine' };
  });
}

function linksOf(fabric: Fabric, maps: readonly FabricMap[], cells: number) {
  const columnOf = new Int32Array(fabric.nodes);
  const start = new Uint32Array(cells + 1);
  const all: { cell: number; link: number }[] = [];
  for (const { rows, columns, offset } of maps) {
    columns.forEach((node, c) => {
      columnOf[node] = c;
    });
    rows.forEach((node, r) => {
      for (let l = fabric.linkStart[node]!; l < fabric.linkStart[node + 1]!; l++) {
        if (fabric.linkDirection[l] !== 1 || !isSwitch(fabric, fabric.linkTo[l]!)) continue;
        const cell = offset + r * columns.length + columnOf[fabric.linkTo[l]!]!;
        all.push({ cell, link: l });
        start[cell + 1]!++;
      }
    });
  }
  for (let c = 0; c < cells; c++) start[c + 1]! += start[c]!;
  const next = start.slice();
  const links = new Uint32Array(all.length);
  for (const { cell, link } of all) links[next[cell]!++] = link;
  return { start, links };
}

/** What the fullest cable of every cell carries under a load. O(links). */
export function cellLoads(
  fabric: Fabric,
  { cells, start, links }: FabricMaps,
  load: LinkLoad,
  { unit, factor }: LoadMeasure = SECONDS,
): CellLoads {
  const up = new Float32Array(cells);
  const down = new Float32Array(cells);
  let fullest = 0;
  for (let cell = 0; cell < cells; cell++) {
    let most = start[cell] === start[cell + 1] ? Number.NaN : -1;
    let back = most;
    for (let i = start[cell]!; i < start[cell + 1]!; i++) {
      const l = links[i]!;
      if (fabric.linkAlive[l] !== 1) continue;
      const r = fabric.linkReverse[l]!;
      most = Math.max(most, (factor * load[l]!) / fabric.linkRate[l]!);
      back = Math.max(back, (factor * load[r]!) / fabric.linkRate[r]!);
    }
    up[cell] = most;
    down[cell] = back;
    fullest = Math.max(fullest, most || 0, back || 0);
  }
  return { unit, up, down, fullest };
}

/** Every cell as a row, for who would rather read or keep the numbers than look. */
export function cellSection(fabric: Fabric, { maps }: FabricMaps, loads: CellLoads, title: string): Section {
  const rows: Cell[][] = [];
  for (const { title: where, rows: lower, columns, offset } of maps) {
    for (let i = 0; i < lower.length * columns.length; i++) {
      const up = loads.up[offset + i]!;
      if (Number.isNaN(up)) continue;
      rows.push([
        where,
        fabric.names[lower[Math.floor(i / columns.length)]!]!,
        fabric.names[columns[i % columns.length]!]!,
        up < 0 ? null : quantity(up, loads.unit),
        up < 0 ? null : quantity(loads.down[offset + i]!, loads.unit),
      ]);
    }
  }
  return {
    id: 'cells',
    title: `Fullest cable between every two switches, ${title}`,
    columns: [left('map'), left('lower switch'), left('upper switch'), right('up'), right('down')],
    rows,
    notes: [],
  };
}
