import type { Catalog, Constant } from '../catalog/types.ts';
import type { NcclTests } from '../formats/types.ts';
import type { Spec } from '../spec/types.ts';

/** A spec and catalog in which collectives take what was measured. */
export interface Calibrated {
  readonly spec: Spec;
  readonly catalog: Catalog;
}

/**
 * Alpha and beta of collectives from a user's own nccl-tests: the rate is the best bus bandwidth of the log, the start
 * what the smallest message takes beyond the latency of its rounds. A log of one host calibrates the scale-up network
 * (the node's achievable rate), one of several the share of the NICs' line rate that rings reach.
 */
export function calibrateCollectives(logs: readonly NcclTests[], spec: Spec, catalog: Catalog): Calibrated {
  const constants = new Map<string, Constant>();
  let { node } = spec.cluster;
  for (const log of logs) {
    const rate = log.rows.reduce((most, r) => Math.max(most, r.busRate), 0);
    if (rate <= 0) continue;
    if (log.nodes === 1) {
      node = { ...node, scaleUpAchievable: Math.min(node.scaleUpRate, rate) };
      constants.set(START, measured(catalog.get(START), startOf(log, catalog)));
    } else {
      const line = (node.nicRate * node.nics) / node.gpus;
      const reached = Math.min(1, rate / (line * Math.min(node.gpus, log.ranks / log.nodes)));
      constants.set(RING, measured(catalog.get(RING), reached));
    }
  }
  return {
    spec: { ...spec, cluster: { ...spec.cluster, node } },
    catalog: overlaid(catalog, constants),
  };
}

const START = 'step.collective.start';
const RING = 'network.efficiency.ring';

/** The first messages take as long as nothing at all: rounds and the start. */
function startOf({ rows, ranks, reduction }: NcclTests, catalog: Catalog): number {
  const rounds = (reduction === null ? 1 : 2) * (ranks - 1);
  return Math.max(0, rows[0]!.seconds - rounds * catalog.get('scale-up.latency').value);
}

function measured(constant: Constant, value: number): Constant {
  const { note: _, ...rest } = constant;
  return { ...rest, value, source: "the user's nccl-tests", confidence: 'measured' };
}

/** The catalog with some constants replaced; what is read is still told. */
function overlaid(catalog: Catalog, constants: ReadonlyMap<string, Constant>): Catalog {
  return {
    ...catalog,
    get: (id) => {
      const entry = catalog.get(id);
      return constants.get(id) ?? entry;
    },
    track: (used) => overlaid(catalog.track(used), constants),
  };
}
