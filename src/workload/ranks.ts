import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Dimension, Parallelism } from '../spec/types.ts';
import type { Groups, Strided } from './types.ts';

/** Ranks as numbers in mixed radix: the first dimension of the order varies fastest. */
export interface RankSpace {
  readonly ranks: number;
  readonly digit: Readonly<Record<Dimension, Strided>>;
}

export const DIMENSIONS: readonly Dimension[] = ['tensor', 'context', 'data', 'pipeline'];

type Sizes = Pick<Parallelism, Dimension | 'order'>;

/** Every rank r = sum over dimensions of (coordinate * stride). The order names each dimension once. */
export function rankSpace(parallelism: Sizes): Result<RankSpace> {
  const { order } = parallelism;
  if (order.length !== DIMENSIONS.length || DIMENSIONS.some((d) => !order.includes(d))) {
    return fail([
      issue({
        code: 'rank-order',
        path: ['parallelism', 'order'],
        message: 'the rank order must name each dimension once',
        found: order.join(', '),
        allowed: `${DIMENSIONS.join(', ')}, in any order, fastest first`,
      }),
    ]);
  }
  const digit = {} as Record<Dimension, Strided>;
  let stride = 1;
  for (const d of order) {
    digit[d] = { size: parallelism[d], stride };
    stride *= parallelism[d];
  }
  return ok({ ranks: stride, digit });
}

/** Groups of the ranks that differ only in the given dimensions, members in rank order. */
export function groupsAlong(space: RankSpace, dimensions: readonly Dimension[]): Groups {
  const rest = DIMENSIONS.filter((d) => !dimensions.includes(d));
  return { inner: inRankOrder(digits(space, dimensions)), outer: inRankOrder(digits(space, rest)) };
}

/**
 * Ranks that hold the same parameters: those that share one copy of them, and those that hold the same part of every copy
 * (groups of one where there is one copy).
 */
export interface Replicas {
  readonly shard: Groups;
  readonly copies: Groups;
}

/** Replicas along data and other dimensions, `shard` neighbours along data to a copy. */
export function replicasAlong(space: RankSpace, others: readonly Dimension[], shard: number): Replicas {
  const rest = DIMENSIONS.filter((d) => d !== 'data' && !others.includes(d));
  const { low, high } = splitData(space, shard);
  return replicasOf([...digits(space, others), low], high, digits(space, rest));
}

/** Neighbours along data that share a copy, and the copies. */
function splitData({ digit: { data } }: RankSpace, shard: number): { low: Strided; high: Strided } {
  return {
    low: { size: shard, stride: data.stride },
    high: { size: data.size / shard, stride: data.stride * shard },
  };
}

function replicasOf(shard: readonly Strided[], copies: Strided, rest: readonly Strided[]): Replicas {
  return {
    shard: { inner: inRankOrder(shard), outer: inRankOrder([...rest, copies]) },
    copies: { inner: inRankOrder([copies]), outer: inRankOrder([...rest, ...shard]) },
  };
}

/**
 * Expert groups, blocks of `expert` consecutive positions of the combined (tensor, data) index with tensor
 * fastest, and the groups of their replicas: the ranks that hold the same experts of the same stage, whatever
 * their context rank. A group lies within `shard` neighbours along data. Not every size can be said in strides: then
 * an issue.
 */
export function expertGroups(
  space: RankSpace,
  expert: number,
  shard = space.digit.data.size,
): Result<{ groups: Groups; replicas: Replicas }> {
  const { tensor, context, pipeline } = space.digit;
  const { low, high } = splitData(space, shard);
  const split = splitCombined(tensor, low, expert);
  if (split === null) return fail([notStrided(tensor.size, shard, expert)]);
  const rest = [...split.outside, context];
  return ok({
    groups: { inner: split.inside, outer: inRankOrder([...rest, high, pipeline]) },
    replicas: replicasOf(rest, high, [...split.inside, pipeline]),
  });
}

/** The combined index as digits inside and outside a block of `expert` positions. */
function splitCombined(tensor: Strided, data: Strided, expert: number) {
  const blocks = (tensor.size * data.size) / expert;
  if (!Number.isInteger(blocks)) return null;
  if (data.stride === tensor.stride * tensor.size || tensor.size === 1) {
    // One run of positions: tensor ranks lie directly inside data ranks (or there are none).
    const stride = tensor.size === 1 ? data.stride : tensor.stride;
    return { inside: [{ size: expert, stride }], outside: [{ size: blocks, stride: stride * expert }] };
  }
  if (tensor.size % expert === 0) {
    const outside = [{ size: tensor.size / expert, stride: tensor.stride * expert }, data];
    return { inside: [{ size: expert, stride: tensor.stride }], outside };
  }
  if (expert % tensor.size === 0) {
    const deep = expert / tensor.size;
    const outside = [{ size: data.size / deep, stride: data.stride * deep }];
    return { inside: [tensor, { size: deep, stride: data.stride }], outside };
  }
  return null;
}

function notStrided(tensor: number, data: number, expert: number): Issue {
  return issue({
    code: 'expert-groups',
    path: ['parallelism', 'expert'],
    message: 'expert groups do not fit the tensor and data ranks',
    found: `expert ${expert} with tensor ${tensor} and data ${data}`,
    allowed:
      'a divisor of tensor x data; and a divisor or a multiple of tensor unless data follows tensor in the order',
  });
}

function digits(space: RankSpace, dimensions: readonly Dimension[]): Strided[] {
  return dimensions.map((d) => space.digit[d]);
}

/** Fastest first; digits of one value say nothing and go. */
function inRankOrder(parts: readonly Strided[]): Strided[] {
  return parts.filter((p) => p.size > 1).sort((a, b) => a.stride - b.stride);
}
