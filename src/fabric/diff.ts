import { type Issue, issue } from '../base/issue.ts';
import { ok, type Result } from '../base/result.ts';
import type { Fabric, Repair, WiringChange } from './types.ts';

/**
 * What is cabled otherwise than it should be, as orders to a technician. Nodes meet by GUID where both sides know theirs,
 * else by name. Of the differing cables the likeliest mistake is told: two cables exchanged, then a cable in
 * another port of the same two nodes, then one with one end elsewhere; what is left is missing or extra. A cable
 * that is down counts as missing. Cables of a node that is missing as a whole are not listed one by one. Warning
 * 'few-in-common': the two hardly share a node. O(links).
 */
export function diffFabrics(expected: Fabric, observed: Fabric): Result<readonly Repair[]> {
  const diff = new Diff(expected, observed);
  return ok(diff.repairs(), diff.doubts());
}

const NO_CHANGE: WiringChange = { removed: [], slowed: [], added: [] };

/** A cable by the keys of its two ends: 'node:port', node ids those of the expected fabric (extra nodes beyond). */
interface Cable {
  readonly link: number;
  readonly ends: readonly [string, string];
  readonly rate: number;
}

class Diff {
  readonly #expected: Fabric;
  readonly #observed: Fabric;
  /** Expected node of each observed node, -1 for an extra one; and the reverse. */
  readonly #same: Int32Array;
  readonly #found: Uint8Array;
  readonly #wanted = new Map<string, Cable>();
  readonly #there = new Map<string, Cable>();
  readonly #repairs: Repair[] = [];

  constructor(expected: Fabric, observed: Fabric) {
    this.#expected = expected;
    this.#observed = observed;
    this.#same = matchNodes(expected, observed);
    this.#found = new Uint8Array(expected.nodes);
    for (const n of this.#same) if (n >= 0) this.#found[n] = 1;
  }

  repairs(): Repair[] {
    this.#nodes();
    const wanted = this.#collect(this.#expected, (n) => n);
    const there = this.#collect(this.#observed, (n) =>
      this.#same[n]! >= 0 ? this.#same[n]! : this.#expected.nodes + n,
    );
    for (const cable of wanted) for (const end of cable.ends) this.#wanted.set(end, cable);
    for (const cable of there) for (const end of cable.ends) this.#there.set(end, cable);
    for (const cable of wanted) this.#compareRates(cable);
    for (const cable of wanted) this.#swapped(cable);
    const between = new Map<string, Cable[]>();
    for (const cable of there) {
      if (!this.#isThere(cable)) continue;
      const list = between.get(nodesOf(cable));
      if (list === undefined) between.set(nodesOf(cable), [cable]);
      else list.push(cable);
    }
    for (const cable of wanted) this.#otherPort(cable, between.get(nodesOf(cable)) ?? []);
    for (const cable of wanted) this.#otherEnd(cable);
    for (const cable of wanted) this.#missing(cable);
    for (const cable of there) this.#extra(cable);
    return this.#repairs;
  }

  doubts(): Issue[] {
    const common = this.#found.reduce((n, f) => n + f, 0);
    if (common * 2 >= this.#expected.nodes) return [];
    return [
      issue({
        code: 'few-in-common',
        severity: 'warning',
        message: `${common} of ${this.#expected.nodes} nodes of ${this.#expected.name} are in ${this.#observed.name}`,
        hint: 'nodes meet by GUID, or by name where one side has no GUIDs: are these two of one fabric?',
      }),
    ];
  }

  #nodes(): void {
    const { names } = this.#expected;
    for (let n = 0; n < this.#expected.nodes; n++) {
      if (this.#found[n] === 1) continue;
      const removed: number[] = [];
      for (let l = this.#expected.linkStart[n]!; l < this.#expected.linkStart[n + 1]!; l++) removed.push(l);
      const action = `connect ${names[n]}: it is not seen at all`;
      this.#add('missing node', [names[n]!], [], action, { ...NO_CHANGE, removed });
    }
    for (let n = 0; n < this.#observed.nodes; n++) {
      if (this.#same[n]! >= 0) continue;
      const name = this.#observed.names[n]!;
      this.#add('extra node', [], [name], `find out what ${name} is: it is not in the drawing`, NO_CHANGE);
    }
  }

  /** Live cables between nodes that both sides have, or that only the observed side has. */
  #collect(fabric: Fabric, idOf: (node: number) => number): Cable[] {
    const cables: Cable[] = [];
    for (let l = 0; l < fabric.links; l++) {
      const back = fabric.linkReverse[l]!;
      if (back < l || fabric.linkAlive[l] !== 1) continue;
      const a = idOf(fabric.linkFrom[l]!);
      const b = idOf(fabric.linkTo[l]!);
      if (fabric === this.#expected && !(this.#found[a] === 1 && this.#found[b] === 1)) continue;
      const ends: [string, string] = [`${a}:${fabric.linkPort[l]}`, `${b}:${fabric.linkPort[back]}`];
      cables.push({ link: l, ends, rate: fabric.linkRate[l]! });
    }
    return cables;
  }

  /** Takes a cable that is where it should be out of both sides, and says if its rate is not what it should be. */
  #compareRates(wanted: Cable): void {
    const there = this.#there.get(wanted.ends[0]);
    if (there === undefined || other(there, wanted.ends[0]) !== wanted.ends[1]) return;
    this.#done(wanted, there);
    if (there.rate === wanted.rate) return;
    const slow = there.rate < wanted.rate;
    const share = Math.round((100 * there.rate) / wanted.rate);
    const text = this.#text(wanted);
    this.#add(
      slow ? 'slow' : 'fast',
      [text],
      [`${text} at ${share} % of its rate`],
      slow
        ? `reseat or replace the cable ${text}: it runs at ${share} % of its rate`
        : `check the drawing: the cable ${text} runs at ${share} % of its rate`,
      slow ? { ...NO_CHANGE, slowed: [{ link: wanted.link, rate: there.rate }] } : NO_CHANGE,
    );
  }

  /** x-y and x'-y' are wanted, x-y' and x'-y are there: one exchange puts both right. */
  #swapped(wanted: Cable): void {
    if (!this.#open(wanted)) return;
    const [x, y] = wanted.ends;
    const first = this.#there.get(x);
    const second = this.#there.get(y);
    if (first === undefined || second === undefined || first === second) return;
    const far = other(first, x);
    const twin = this.#wanted.get(far);
    if (twin === undefined || twin === wanted || other(twin, far) !== other(second, y)) return;
    this.#done(wanted, first);
    this.#done(twin, second);
    const expected = [this.#text(wanted), this.#text(twin)];
    const observed = [this.#text(first), this.#text(second)];
    const action = `exchange the ends at ${this.#end(far)} and ${this.#end(y)}`;
    this.#add('swapped', expected, observed, action, {
      removed: [wanted.link, twin.link],
      slowed: [],
      added: [this.#added(first), this.#added(second)].flat(),
    });
  }

  /** The two nodes are joined, but by another port at one end or both. */
  #otherPort(wanted: Cable, between: readonly Cable[]): void {
    if (!this.#open(wanted)) return;
    const open = between.filter((c) => this.#isThere(c));
    const found =
      open.find((c) => c.ends.some((e) => wanted.ends.includes(e))) ??
      open.find((c) => c.ends.every((e) => !this.#wanted.has(e)));
    if (found !== undefined) this.#moved(wanted, found);
  }

  /** One end is where it should be, the other elsewhere. */
  #otherEnd(wanted: Cable): void {
    if (!this.#open(wanted)) return;
    const found = this.#there.get(wanted.ends[0]) ?? this.#there.get(wanted.ends[1]);
    if (found !== undefined) this.#moved(wanted, found);
  }

  #moved(wanted: Cable, found: Cable): void {
    this.#done(wanted, found);
    const kept = found.ends.find((e) => wanted.ends.includes(e));
    const should = wanted.ends.filter((e) => e !== kept).map((e) => this.#end(e));
    const is = found.ends.filter((e) => e !== kept).map((e) => this.#end(e));
    this.#add(
      'wrong port',
      [this.#text(wanted)],
      [this.#text(found)],
      `move the cable ${this.#text(found)}: from ${is.join(' and ')} to ${should.join(' and ')}`,
      { removed: [wanted.link], slowed: [], added: this.#added(found) },
    );
  }

  #missing(wanted: Cable): void {
    if (!this.#open(wanted)) return;
    this.#done(wanted, null);
    const text = this.#text(wanted);
    this.#add('missing', [text], [], `connect ${text}`, { ...NO_CHANGE, removed: [wanted.link] });
  }

  #extra(found: Cable): void {
    if (!this.#isThere(found)) return;
    this.#done(null, found);
    const text = this.#text(found);
    const action = `unplug ${text}, or add it to the drawing`;
    this.#add('extra', [], [text], action, { ...NO_CHANGE, added: this.#added(found) });
  }

  #open(wanted: Cable): boolean {
    return this.#wanted.get(wanted.ends[0]) === wanted;
  }

  #isThere(cable: Cable): boolean {
    return this.#there.get(cable.ends[0]) === cable;
  }

  #done(wanted: Cable | null, there: Cable | null): void {
    for (const end of wanted?.ends ?? []) this.#wanted.delete(end);
    for (const end of there?.ends ?? []) this.#there.delete(end);
  }

  /** As a change to the expected fabric; cables of extra nodes change nothing there. */
  #added(cable: Cable): WiringChange['added'] {
    const [a, b] = cable.ends.map((e) => [nodeOf(e), portOf(e)] as const);
    if (a![0] >= this.#expected.nodes || b![0] >= this.#expected.nodes) return [];
    return [{ a: a![0], aPort: a![1], b: b![0], bPort: b![1], rate: cable.rate }];
  }

  #end(key: string): string {
    const node = nodeOf(key);
    const { nodes, names } = this.#expected;
    return `${node < nodes ? names[node] : this.#observed.names[node - nodes]}:${portOf(key)}`;
  }

  #text(cable: Cable): string {
    return cable.ends.map((e) => this.#end(e)).join(' - ');
  }

  #add(
    kind: Repair['kind'],
    expected: readonly string[],
    observed: readonly string[],
    action: string,
    change: WiringChange,
  ): void {
    this.#repairs.push({ kind, expected, observed, action, change });
  }
}

const nodeOf = (end: string): number => Number(end.slice(0, end.indexOf(':')));
const portOf = (end: string): number => Number(end.slice(end.indexOf(':') + 1));
const nodesOf = ({ ends }: Cable): string =>
  ends
    .map(nodeOf)
    .sort((a, b) => a - b)
    .join(' ');
const other = ({ ends }: Cable, end: string): string => (ends[0] === end ? ends[1] : ends[0]);

/** Expected node of each observed node: by GUID where at least half of the observed ones are known so, else by name. */
function matchNodes(expected: Fabric, observed: Fabric): Int32Array {
  if (expected.guid !== null && observed.guid !== null) {
    const byGuid = new Int32Array(observed.nodes).fill(-1);
    matchBy(byGuid, portKeys(expected, expected.guid), portKeys(observed, observed.guid));
    // What lost its cable has no port to be known by.
    matchBy(byGuid, expected.guid, observed.guid);
    if (byGuid.filter((n) => n >= 0).length * 2 >= observed.nodes) return byGuid;
  }
  const byName = new Int32Array(observed.nodes).fill(-1);
  matchBy(byName, expected.names, observed.names);
  return byName;
}

/** An adapter with several ports has one GUID and is several endpoints: the port tells them apart. */
function portKeys(fabric: Fabric, guid: readonly string[]): string[] {
  return guid.map((own, n) => {
    const first = fabric.linkStart[n]!;
    if (own === '' || n >= fabric.endpoints || first === fabric.linkStart[n + 1]!) return own;
    return `${own}/${fabric.linkPort[first]}`;
  });
}

/** Fills in `same` where it is -1: nodes of equal keys, each taken once, in order. */
function matchBy(same: Int32Array, expected: readonly string[], observed: readonly string[]): void {
  const taken = new Set(same);
  const nodes = new Map<string, number[]>();
  for (const [n, key] of expected.entries()) {
    if (key === '' || taken.has(n)) continue;
    const list = nodes.get(key);
    if (list === undefined) nodes.set(key, [n]);
    else list.push(n);
  }
  for (const [n, key] of observed.entries()) if (same[n] === -1) same[n] = nodes.get(key)?.shift() ?? -1;
}
