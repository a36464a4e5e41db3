import type { FluidChange, FluidPaths, FluidPhases, FluidSystem } from './types.ts';

/** A system by itself, and what its links, flows and phases are called in the whole. */
export interface FluidPart {
  readonly system: FluidSystem;
  readonly links: Int32Array;
  readonly flows: Int32Array;
  /** A phase that waits for none and that none waits for may be in several parts. */
  readonly phases: Int32Array;
}

/** Parts with fewer flows are put together: a run has a cost of its own. */
const LEAST = 4096;

/**
 * Splits a system into parts that share no link and no phase that anything waits for: what happens in one changes nothing in
 * the others. Small ones are put together, always in the same way. Near-linear in flows, paths * hops and phases.
 */
export function partsOf(system: FluidSystem, least = LEAST): FluidPart[] {
  const { flows, changes } = system;
  const phases = system.phases?.count ?? 1;
  const owners = new Owners(system, least);
  const flow = grouped(flows.count, owners.parts, (f) => owners.ofFlow(f));
  const link = grouped(system.capacity.length, owners.parts, (l) => owners.ofLink(l));
  const path = grouped(system.paths.count, owners.parts, (p) => owners.ofPath(p));
  const phase = grouped(phases, owners.parts, (p) => owners.ofPhase(p));
  const local = {
    flow: positions(flow, flows.count),
    link: positions(link, system.capacity.length),
    path: positions(path, system.paths.count),
    phase: new Int32Array(phases).fill(-1),
  };
  return Array.from({ length: owners.parts }, (_, part) => {
    const ways = listOf(path, part);
    // The path of no links belongs to nobody: each part has one of its own, behind the others.
    const pathIn = (p: number): number => (p < 0 ? -1 : local.path[p]! >= 0 ? local.path[p]! : ways.length);
    const members = listOf(flow, part);
    const phaseList = phasesOf(system, members, listOf(phase, part), local.phase);
    const links = listOf(link, part);
    const made: FluidSystem = {
      capacity: Float64Array.from(links, (l) => system.capacity[l]!),
      paths: pathsOf(system.paths, ways, local.link),
      flows: {
        count: members.length,
        path: members.map((f) => pathIn(flows.path[f]!)),
        bytes: Float64Array.from(members, (f) => flows.bytes[f]!),
        phase:
          system.phases === null
            ? null
            : Uint32Array.from(members, (f) => local.phase[flows.phase?.[f] ?? 0]!),
        offset: flows.offset === null ? null : Float64Array.from(members, (f) => flows.offset![f]!),
        weight: flows.weight === null ? null : Float64Array.from(members, (f) => flows.weight![f]!),
      },
      phases: system.phases === null ? null : someOf(system.phases, phaseList, local.phase),
      changes: changesOf(changes, part, owners, local, pathIn),
      ...(system.sharing && { sharing: system.sharing }),
    };
    for (const p of phaseList) local.phase[p] = -1;
    return { system: made, links, flows: members, phases: phaseList };
  });
}

/** Which part everything belongs to; -1 for links and paths that nothing uses and for phases that only their flows need. */
class Owners {
  readonly #system: FluidSystem;
  readonly #used: Uint8Array;
  /** Links, then phases: what flows meet at. */
  readonly #root: Int32Array;
  readonly #part: Int32Array;
  readonly parts: number;

  constructor(system: FluidSystem, least: number) {
    const links = system.capacity.length;
    const phases = system.phases?.count ?? 1;
    this.#system = system;
    this.#used = new Uint8Array(system.paths.count);
    this.#root = Int32Array.from({ length: links + phases }, (_, i) => i);
    const waits = this.#uniteAll();
    // Roots in the order of their first flow, then those of phases without flows.
    const number = new Int32Array(links + phases).fill(-1);
    const sizes: number[] = [];
    for (let f = 0; f < system.flows.count; f++) {
      const root = this.#find(this.#meeting(f));
      if (number[root] === -1) number[root] = sizes.push(0) - 1;
      sizes[number[root]!]!++;
    }
    const empty = new Uint8Array(phases).fill(1);
    for (let f = 0; f < system.flows.count; f++) empty[system.flows.phase?.[f] ?? 0] = 0;
    for (let p = 0; p < phases; p++) {
      const root = this.#find(links + p);
      if (number[root] === -1 && (empty[p] === 1 || waits[p] === 1)) number[root] = sizes.push(0) - 1;
    }
    const { part, parts } = putTogether(sizes, least);
    this.parts = parts;
    this.#part = number.map((n) => (n < 0 ? -1 : part[n]!));
  }

  ofFlow(flow: number): number {
    return this.#part[this.#find(this.#meeting(flow))]!;
  }

  ofLink(link: number): number {
    return this.#part[this.#find(link)]!;
  }

  ofPath(path: number): number {
    const { start, link } = this.#system.paths;
    if (this.#used[path] === 0) return -1;
    return start[path] === start[path + 1] ? -1 : this.ofLink(link[start[path]!]!);
  }

  ofPhase(phase: number): number {
    return this.#part[this.#find(this.#system.capacity.length + phase)]!;
  }

  /** The element that stands for a flow: the first link of its path, or its phase where it has none. */
  #meeting(flow: number): number {
    const { paths, flows, capacity } = this.#system;
    const path = flows.path[flow]!;
    if (path >= 0 && paths.start[path]! < paths.start[path + 1]!) return paths.link[paths.start[path]!]!;
    return capacity.length + (flows.phase?.[flow] ?? 0);
  }

  /** Returns 1 for phases that wait for others or that others wait for. */
  #uniteAll(): Uint8Array {
    const { capacity, paths, flows, phases, changes } = this.#system;
    const waits = new Uint8Array(phases?.count ?? 1);
    for (let p = 0; phases !== null && p < phases.count; p++) {
      for (let k = phases.start[p]!; k < phases.start[p + 1]!; k++) {
        waits[p] = 1;
        waits[phases.after[k]!] = 1;
        this.#unite(capacity.length + p, capacity.length + phases.after[k]!);
      }
    }
    for (let f = 0; f < flows.count; f++) {
      const phase = flows.phase?.[f] ?? 0;
      this.#use(flows.path[f]!);
      if (waits[phase] === 1) this.#unite(this.#meeting(f), capacity.length + phase);
    }
    for (const { reroutes } of changes) {
      for (const { flow, path } of reroutes) {
        this.#use(path);
        if (path >= 0 && paths.start[path]! < paths.start[path + 1]!) {
          this.#unite(this.#meeting(flow), paths.link[paths.start[path]!]!);
        }
      }
    }
    return waits;
  }

  #use(path: number): void {
    if (path < 0 || this.#used[path] === 1) return;
    const { start, link } = this.#system.paths;
    this.#used[path] = 1;
    for (let i = start[path]! + 1; i < start[path + 1]!; i++) this.#unite(link[start[path]!]!, link[i]!);
  }

  #find(element: number): number {
    const root = this.#root;
    let at = element;
    while (root[at] !== at) {
      root[at] = root[root[at]!]!;
      at = root[at]!;
    }
    return at;
  }

  /** The smaller number is the root. */
  #unite(a: number, b: number): void {
    const x = this.#find(a);
    const y = this.#find(b);
    if (x < y) this.#root[y] = x;
    else this.#root[x] = y;
  }
}

/** Sets of `least` flows or more are parts; smaller ones fill up common parts in their order. */
function putTogether(sizes: readonly number[], least: number): { part: Int32Array; parts: number } {
  const part = new Int32Array(sizes.length);
  let parts = 0;
  let common = -1;
  let filled = 0;
  for (const [s, size] of sizes.entries()) {
    if (size >= least) {
      part[s] = parts++;
      continue;
    }
    if (common < 0 || filled >= least) {
      common = parts++;
      filled = 0;
    }
    part[s] = common;
    filled += Math.max(1, size);
  }
  return { part, parts };
}

/** Items by group, CSR; those of group -1 are left out. */
interface Grouped {
  readonly start: Int32Array;
  readonly item: Int32Array;
}

function grouped(items: number, groups: number, groupOf: (item: number) => number): Grouped {
  const of = Int32Array.from({ length: items }, (_, i) => groupOf(i));
  const start = new Int32Array(groups + 1);
  for (const g of of) if (g >= 0) start[g + 1]!++;
  for (let g = 0; g < groups; g++) start[g + 1]! += start[g]!;
  const next = start.slice();
  const item = new Int32Array(start[groups]!);
  for (let i = 0; i < items; i++) if (of[i]! >= 0) item[next[of[i]!]!++] = i;
  return { start, item };
}

function listOf({ start, item }: Grouped, group: number): Int32Array {
  return item.subarray(start[group]!, start[group + 1]!);
}

/** Position of each item within its group. */
function positions({ start, item }: Grouped, items: number): Int32Array {
  const at = new Int32Array(items).fill(-1);
  for (let g = 0; g + 1 < start.length; g++) {
    for (let k = start[g]!; k < start[g + 1]!; k++) at[item[k]!] = k - start[g]!;
  }
  return at;
}

/** The phases of a part: its own, and those that its flows are of. Leaves their positions in `local`. */
function phasesOf(system: FluidSystem, flows: Int32Array, own: Int32Array, local: Int32Array): Int32Array {
  const list: number[] = [];
  const add = (p: number): void => {
    if (local[p] === -1) local[p] = list.push(p) - 1;
  };
  for (const p of own) add(p);
  for (const f of flows) add(system.flows.phase?.[f] ?? 0);
  return Int32Array.from(list);
}

function someOf(phases: FluidPhases, list: Int32Array, local: Int32Array): FluidPhases {
  const start = new Uint32Array(list.length + 1);
  for (const [i, p] of list.entries()) start[i + 1] = start[i]! + phases.start[p + 1]! - phases.start[p]!;
  const after = new Uint32Array(start[list.length]!);
  for (const [i, p] of list.entries()) {
    for (let k = 0; k < start[i + 1]! - start[i]!; k++)
      after[start[i]! + k] = local[phases.after[phases.start[p]! + k]!]!;
  }
  return { count: list.length, delay: Float64Array.from(list, (p) => phases.delay[p]!), start, after };
}

function pathsOf(paths: FluidPaths, list: Int32Array, localLink: Int32Array): FluidPaths {
  const start = new Uint32Array(list.length + 2);
  for (const [i, p] of list.entries()) start[i + 1] = start[i]! + paths.start[p + 1]! - paths.start[p]!;
  start[list.length + 1] = start[list.length]!;
  const link = new Uint32Array(start[list.length]!);
  const share = paths.share === null ? null : new Float64Array(link.length);
  for (const [i, p] of list.entries()) {
    for (let at = start[i]!, k = paths.start[p]!; at < start[i + 1]!; at++, k++) {
      link[at] = localLink[paths.link[k]!]!;
      if (share !== null) share[at] = paths.share![k]!;
    }
  }
  return { count: list.length + 1, start, link, share };
}

function changesOf(
  changes: readonly FluidChange[],
  part: number,
  owners: Owners,
  local: { readonly link: Int32Array; readonly flow: Int32Array },
  pathIn: (path: number) => number,
): FluidChange[] {
  const mine: FluidChange[] = [];
  for (const { time, links, reroutes } of changes) {
    const here = {
      time,
      links: links
        .filter(({ link }) => owners.ofLink(link) === part)
        .map(({ link, capacity }) => ({ link: local.link[link]!, capacity })),
      reroutes: reroutes
        .filter(({ flow }) => owners.ofFlow(flow) === part)
        .map(({ flow, path }) => ({ flow: local.flow[flow]!, path: pathIn(path) })),
    };
    if (here.links.length + here.reroutes.length > 0) mine.push(here);
  }
  return mine;
}
