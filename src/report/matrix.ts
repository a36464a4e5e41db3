import { flowDemand, leafNodes } from '../fabric/project.ts';
import type { Artefacts } from '../plan/types.ts';
import { nodeDemand, rankDemand } from '../traffic/demand.ts';
import type { Demand } from '../traffic/types.ts';

export type MatrixLevel = 'rank' | 'node' | 'leaf' | 'plane';

/** Who sends how much to whom, small enough to draw: neighbours share a cell where there are too many. */
export interface DemandMatrix {
  readonly level: MatrixLevel;
  readonly operation: string;
  /** Rows and columns of the drawing, and how many of the demand's rows each stands for. */
  readonly size: number;
  readonly share: number;
  readonly rows: number;
  /** Bytes of a step, row by row; length size * size. */
  readonly bytes: Float64Array;
  readonly most: number;
  readonly least: number;
  /** First row's name of each cell. */
  readonly names: readonly string[];
  /** Lines between groups (nodes' leaves, pipeline stages), in rows of the drawing. */
  readonly groups: readonly number[];
}

/** Cells a side. */
const MOST = 512;
const MOST_GROUPS = 128;

/** The demand of a step, or of one operation, at one level. O(transfers or flows). */
export function demandMatrix(artefacts: Artefacts, level: MatrixLevel, operation: string): DemandMatrix {
  const { traffic, placed, fabric } = artefacts;
  const { layout } = traffic;
  const demand = demandOf(artefacts, level, operation);
  const share = Math.ceil(demand.rows / MOST);
  const size = Math.ceil(demand.rows / share);
  const bytes = new Float64Array(size * size);
  for (let row = 0; row < demand.rows; row++) {
    const at = Math.floor(row / share) * size;
    for (let k = demand.start[row]!; k < demand.start[row + 1]!; k++)
      bytes[at + Math.floor(demand.column[k]! / share)]! += demand.bytes[k]!;
  }
  const leaves = leafNodes(fabric.fabric);
  const nameOf = (row: number): string => {
    if (level === 'rank') return `rank ${row}`;
    if (level === 'plane') return `plane ${row}`;
    if (level === 'leaf') return fabric.fabric.names[leaves[row]!]!;
    return fabric.fabric.hosts.names[placed.placement.host[row]!]!;
  };
  let most = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const b of bytes) {
    most = Math.max(most, b);
    if (b > 0) least = Math.min(least, b);
  }
  return {
    level,
    operation,
    size,
    share,
    rows: demand.rows,
    bytes,
    most,
    least: most > 0 ? least : 0,
    names: Array.from({ length: size }, (_, i) => nameOf(i * share)),
    groups: borders(artefacts, level, demand.rows).map((row) => row / share),
  };

  function demandOf({ traffic: t, fabric: f, placed: p }: Artefacts, l: MatrixLevel, o: string): Demand {
    if (l === 'plane' || l === 'leaf') return flowDemand(f.fabric, p.flows, l, o);
    const only = o === 'step' ? t.transfers : t.transfers.filter((x) => x.operation.id === o);
    return l === 'rank' ? rankDemand(only, layout.ranks, o) : nodeDemand(only, layout, o);
  }
}

/** Where one pipeline stage, or one plane of leaves, ends and the next begins. */
function borders({ workload, traffic, fabric }: Artefacts, level: MatrixLevel, rows: number): number[] {
  const list: number[] = [];
  if (level === 'leaf') {
    const leaves = leafNodes(fabric.fabric);
    for (let i = 1; i < leaves.length; i++)
      if (fabric.fabric.plane[leaves[i]!] !== fabric.fabric.plane[leaves[i - 1]!]) list.push(i);
  } else if (level !== 'plane') {
    const step = workload.stageStride / (level === 'node' ? traffic.layout.gpusPerNode : 1);
    // More than that is a texture, not an outline.
    if (Number.isInteger(step) && rows / step <= MOST_GROUPS)
      for (let row = step; row < rows; row += step) list.push(row);
  }
  return list;
}
