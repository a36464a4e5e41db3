import { ensure } from '../base/result.ts';
import type { Collective } from '../spec/types.ts';
import { firstGroup, forEachGroup, groupCount } from '../workload/groups.ts';
import type { Forwarding, Operation } from '../workload/types.ts';
import { directPattern, hierarchicalPattern } from './direct.ts';
import { allToAllPattern, dispatchPattern } from './exchange.ts';
import type { Pattern } from './pattern.ts';
import { ringPattern } from './ring.ts';
import { type Skeleton, sendSkeleton } from './send.ts';
import { type GroupShape, ShapeTable } from './shapes.ts';
import { treeAllReducePattern } from './tree.ts';
import type { Tuner } from './tuner.ts';
import { type ExpertShares, type RankLayout, type Transfers, Via } from './types.ts';

type Algorithm = Exclude<Collective, 'auto'>;

export interface TransferOptions {
  /**
   * Algorithm of all-reduce, reduce-scatter and all-gather. 'auto' leaves it to the tuner, by the bytes and the first
   * group; trees exist for all-reduce only (as in NCCL), the others then run as rings, and so does the hierarchy on
   * nodes with unequal members. 'in-network' (SHARP) halves what all-reduce sends; the others send every byte once
   * already.
   */
  readonly collective: Collective;
  /** stage of rank r = floor(r / stageStride) mod the length of the operation's `count`. */
  readonly stageStride: number;
  /** Needed by dispatch and combine. */
  readonly shares?: (stage: number, shape: GroupShape) => ExpertShares;
}

const NONE: ReadonlyMap<string, Skeleton> = new Map();

/** The transfers of one invocation of one operation. See TransferBuilder for several. */
export function transfersOf(
  operation: Operation,
  layout: RankLayout,
  { tuner, ...options }: TransferOptions & { readonly tuner?: Tuner },
): Transfers {
  return new TransferBuilder(layout, options).build(operation, tuner);
}

/**
 * Builds transfers and shares between operations what they have in common: all operations on the same groups by
 * the same algorithm have the same arrays but for the bytes, and a combine is its dispatch with the ends
 * exchanged. The pattern of a group is worked out once for each shape and stage and then shifted. The arrays are
 * shared: readers must not write.
 */
export class TransferBuilder {
  readonly layout: RankLayout;
  readonly #options: TransferOptions;
  readonly #shapes: ShapeTable;
  #skeletons = new Map<string, Skeleton>();
  readonly #patterns = new Map<string, Map<GroupShape, Map<ExpertShares | null, Pattern>>>();

  constructor(layout: RankLayout, options: TransferOptions) {
    this.layout = layout;
    this.#options = options;
    this.#shapes = new ShapeTable(layout);
  }

  /**
   * All operations of a workload. What they have in common is kept for the next workload, which may differ in bytes
   * alone; what they did not need is forgotten. O(transfers).
   */
  buildAll(operations: readonly Operation[], tuner?: Tuner): Transfers[] {
    const before = this.#skeletons;
    this.#skeletons = new Map();
    const built = operations.map((o) => this.build(o, tuner, before));
    this.#patterns.clear();
    return built;
  }

  /** O(transfers). */
  build(operation: Operation, tuner?: Tuner, before: ReadonlyMap<string, Skeleton> = NONE): Transfers {
    const algorithm = this.#algorithm(operation, tuner);
    const { family, factor, reversed } = familyOf(operation, algorithm ?? 'ring');
    const skeleton = this.#skeleton(operation, family, before);
    const count = skeleton.from.length;
    const scale = operation.bytesPerRank * factor;
    const bytes = new Float64Array(count);
    for (let k = 0; k < count; k++) bytes[k] = skeleton.share[k]! * scale;
    const { via, stage } = skeleton;
    const [from, to] = reversed ? [skeleton.to, skeleton.from] : [skeleton.from, skeleton.to];
    const rounds = skeleton.rounds * factor;
    return { operation, count, from, to, bytes, via, stage, rounds, ...(algorithm && { algorithm }) };
  }

  /** null: not a collective that has several. */
  #algorithm(operation: Operation, tuner?: Tuner): Algorithm | null {
    const { kind, groups, bytesPerRank } = operation;
    if (kind !== 'all-reduce' && kind !== 'reduce-scatter' && kind !== 'all-gather') return null;
    const { collective } = this.#options;
    if (collective === 'tree' && kind !== 'all-reduce') return 'ring';
    if (collective !== 'auto') return collective;
    if (kind !== 'all-reduce' || tuner === undefined) return 'ring';
    const shape = this.#shapes.shapes[this.#shapes.find(firstGroup(groups))]!;
    return tuner(bytesPerRank, shape);
  }

  #skeleton(operation: Operation, family: string, before: ReadonlyMap<string, Skeleton>): Skeleton {
    const live = operation.count.map((n) => (n > 0 ? '1' : '0')).join('');
    const way = `${operation.direction ?? ''}${operation.wrap === true ? '+wrap' : ''}`;
    const key = `${family}|${way}|${live}|${JSON.stringify(operation.groups)}`;
    const stageOf = (rank: number) => Math.floor(rank / this.#options.stageStride) % operation.count.length;
    return getOrMake(this.#skeletons, key, () => {
      const known = before.get(key);
      if (known !== undefined) return known;
      return operation.kind === 'send'
        ? sendSkeleton(operation, this.layout, stageOf)
        : this.#groupSkeleton(operation, family, stageOf);
    });
  }

  #groupSkeleton(operation: Operation, family: string, stageOf: (rank: number) => number): Skeleton {
    const patterns: Pattern[] = [];
    const groupStage = new Int32Array(groupCount(operation.groups));
    let count = 0;
    forEachGroup(operation.groups, (members, g) => {
      const stage = stageOf(members[0]!);
      groupStage[g] = operation.count[stage]! > 0 ? stage : -1;
      if (groupStage[g]! < 0) return;
      const shape = this.#shapes.shapes.at(this.#shapes.find(members))!;
      patterns[g] = this.#pattern(family, shape, stage);
      count += patterns[g].count;
    });
    const from = new Int32Array(count);
    const to = new Int32Array(count);
    const share = new Float64Array(count);
    const via = new Uint8Array(count);
    const stage = new Uint16Array(count);
    const { node } = this.layout;
    let at = 0;
    let rounds = 0;
    forEachGroup(operation.groups, (members, g) => {
      if (groupStage[g]! < 0) return;
      const pattern = patterns[g]!;
      rounds = Math.max(rounds, pattern.rounds);
      for (let k = 0; k < pattern.count; k++, at++) {
        const a = members[pattern.from[k]!]!;
        const b = members[pattern.to[k]!]!;
        from[at] = a;
        to[at] = b;
        share[at] = pattern.share[k]!;
        via[at] = node[a] === node[b] ? Via.scaleUp : Via.network;
        stage[at] = groupStage[g]!;
      }
    });
    return { from, to, share, via, stage, rounds };
  }

  #pattern(family: string, shape: GroupShape, stage: number): Pattern {
    const expert = family.startsWith('dispatch');
    const shares = expert ? ensure(this.#options.shares, 'expert shares')(stage, shape) : null;
    const byShape = getOrMake(this.#patterns, family, () => new Map());
    const byShares = getOrMake(byShape, shape, () => new Map());
    return getOrMake(byShares, shares, () => makePattern(family, shape, shares));
  }
}

/**
 * Operations of one family have the same skeleton. `factor` scales bytes and rounds (an all-reduce is a
 * reduce-scatter and an all-gather), `reversed` exchanges the ends.
 */
function familyOf(
  operation: Operation,
  algorithm: Algorithm,
): { family: string; factor: number; reversed: boolean } {
  const { kind, forwarding } = operation;
  if (kind === 'send' || kind === 'all-to-all')
    return { family: `${kind}:${forwarding}`, factor: 1, reversed: false };
  if (kind === 'dispatch') return { family: `dispatch:${forwarding}`, factor: 1, reversed: false };
  if (kind === 'combine') return { family: `dispatch:${opposite(forwarding)}`, factor: 1, reversed: true };
  const reduces = kind === 'all-reduce';
  if (algorithm === 'tree') return { family: 'tree', factor: 1, reversed: false };
  // Switches add what passes through them: every byte is sent once, and the sum comes back while the rest goes up.
  if (algorithm === 'in-network') return { family: 'ring', factor: 1, reversed: false };
  return { family: algorithm, factor: reduces ? 2 : 1, reversed: false };
}

function opposite(forwarding: Forwarding): Forwarding {
  if (forwarding === 'none') return 'none';
  return forwarding === 'sender' ? 'receiver' : 'sender';
}

function makePattern(family: string, shape: GroupShape, shares: ExpertShares | null): Pattern {
  const [name, forwarding] = family.split(':') as [string, Forwarding];
  if (name === 'dispatch') return dispatchPattern(shape, forwarding, ensure(shares, 'expert shares'));
  if (name === 'all-to-all') return allToAllPattern(shape, forwarding);
  if (name === 'tree') return treeAllReducePattern(shape);
  if (name === 'direct') return directPattern(shape);
  if (name === 'hierarchical') return hierarchicalPattern(shape) ?? ringPattern(shape);
  return ringPattern(shape);
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
