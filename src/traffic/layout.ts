import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { RankLayout } from './types.ts';

/**
 * Ranks on virtual nodes: in rank order, or by a rank map that lists for each rank the GPU that runs it
 * (node * gpusPerNode + index). The last node may be partly filled, a rank map may leave GPUs idle. O(ranks).
 */
export function rankLayout(
  ranks: number,
  gpusPerNode: number,
  rankMap?: readonly number[],
): Result<RankLayout> {
  if (rankMap === undefined) return ok(fill(ranks, gpusPerNode, (rank) => rank));
  const issues = checkRankMap(ranks, rankMap);
  return issues.length > 0 ? fail(issues) : ok(fill(ranks, gpusPerNode, (rank) => rankMap[rank]!));
}

function fill(ranks: number, gpusPerNode: number, gpuOf: (rank: number) => number): RankLayout {
  const node = new Int32Array(ranks);
  const index = new Int32Array(ranks);
  let nodes = 0;
  for (let rank = 0; rank < ranks; rank++) {
    const gpu = gpuOf(rank);
    node[rank] = Math.floor(gpu / gpusPerNode);
    index[rank] = gpu % gpusPerNode;
    nodes = Math.max(nodes, node[rank]! + 1);
  }
  const rankAt = new Int32Array(nodes * gpusPerNode).fill(-1);
  for (let rank = 0; rank < ranks; rank++) rankAt[node[rank]! * gpusPerNode + index[rank]!] = rank;
  return { ranks, nodes, gpusPerNode, node, index, rankAt };
}

/** Far more GPUs than ranks means a wrong file, and would ask for memory by the size of a typing error. */
const IDLE_FACTOR = 64;

function checkRankMap(ranks: number, rankMap: readonly number[]): Issue[] {
  const path = ['cluster', 'placement'];
  if (rankMap.length !== ranks) {
    const message = 'the rank map must list a GPU for every rank';
    const [found, allowed] = [`${rankMap.length} entries`, `${ranks}`];
    return [issue({ code: 'rank-map-length', path, message, found, allowed })];
  }
  const limit = IDLE_FACTOR * ranks;
  const issues: Issue[] = [];
  const seen = new Map<number, number>();
  for (let rank = 0; rank < ranks; rank++) {
    const gpu = rankMap[rank]!;
    const first = seen.get(gpu);
    if (!Number.isInteger(gpu) || gpu < 0 || gpu >= limit) {
      const message = `rank ${rank} is mapped to no GPU`;
      const allowed = `a whole number from 0 to ${limit - 1}`;
      issues.push(
        issue({ code: 'rank-map-entry', path: [...path, rank], message, found: String(gpu), allowed }),
      );
    } else if (first !== undefined) {
      const message = `ranks ${first} and ${rank} are mapped to one GPU`;
      const entry = { code: 'rank-map-twice', path: [...path, rank], message, found: String(gpu) };
      issues.push(issue({ ...entry, allowed: 'each GPU once' }));
    }
    seen.set(gpu, rank);
  }
  return issues;
}
