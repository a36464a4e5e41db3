import type { TopologyRow } from '../fabric/types.ts';
import type { Plan } from '../plan/types.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

/** What was designed: the counts, why this design, where the ranks are. */
export function fabricSections(plan: Plan): Section[] {
  const sections = [design(plan)];
  if (plan.fabric.alternatives.length > 1) sections.push(alternatives(plan));
  sections.push(placement(plan));
  return sections;
}

function design({ fabric, spec }: Plan): Section {
  const plane = fabric.perPlane[0]!;
  const alike = fabric.perPlane.every((p) => JSON.stringify(p) === JSON.stringify(plane));
  const counts = (label: string, c: typeof plane): Cell[] => [
    label,
    quantity(c.endpoints, 'count'),
    quantity(c.leaves, 'count'),
    quantity(c.spines, 'count'),
    quantity(c.cores, 'count'),
    quantity(c.switches, 'count'),
    quantity(c.interSwitchLinks, 'count'),
    quantity(c.cables, 'count'),
    quantity(c.deadLinks, 'count'),
  ];
  const rows =
    fabric.planes === 1
      ? [counts('fabric', fabric)]
      : [
          ...(alike ? [counts('each plane', plane)] : fabric.perPlane.map((p, i) => counts(`plane ${i}`, p))),
          counts('whole', fabric),
        ];
  const kind = fabric.planes > 1 ? `${fabric.planes} planes` : '1 plane';
  const notes = fabric.regular ? [] : ['The fabric is irregular: cables are missing or uneven.'];
  if (fabric.aggregators > 0)
    notes.push(`${fabric.aggregators} aggregation nodes carry no workload traffic.`);
  return {
    id: 'fabric',
    title: `${spec.network.kind === 'generated' ? 'Designed' : 'Imported'}: ${fabric.name}, ${kind} of ${fabric.layers} layers, ${fabric.transport}`,
    columns: [
      left('per'),
      right('endpoints'),
      right('leaves'),
      right('spines'),
      right('cores'),
      right('switches'),
      right('switch links'),
      right('cables'),
      right('dead'),
    ],
    rows,
    notes,
  };
}

function alternatives({ fabric }: Plan): Section {
  return {
    id: 'alternatives',
    title: 'Designs considered',
    columns: [
      left('design'),
      right('planes'),
      right('layers'),
      right('switches'),
      right('links'),
      right('cost'),
      right('hops'),
      right('grows to'),
      left('verdict'),
    ],
    rows: fabric.alternatives.map((a) => [
      a.topology,
      quantity(a.planes, 'count'),
      quantity(a.layers, 'count'),
      a.feasible ? quantity(a.switches, 'count') : null,
      a.feasible ? quantity(a.links, 'count') : null,
      a.feasible ? quantity(a.costUsd, 'money') : null,
      a.feasible ? quantity(a.worstHops, 'count') : null,
      a.feasible ? quantity(a.endpointsCapacity, 'count') : null,
      a.chosen ? `chosen: ${a.reason}` : a.reason,
    ]),
    notes: [],
  };
}

function placement({ fabric: { placement: p } }: Plan): Section {
  const row = (label: string, bytes: number, gain: number | null): Cell[] => [
    label,
    quantity(bytes, 'bytes'),
    p.networkBytes > 0 ? quantity(bytes / p.networkBytes, 'percent') : null,
    gain === null ? null : quantity(gain, 'percent'),
  ];
  return {
    id: 'placement',
    title: 'Placed: bytes of a step that cross leaves',
    columns: [left('ranks'), right('bytes'), right('of network bytes'), right('saved by ours')],
    rows: [
      row(`ours: ${p.strategy}`, p.crossLeafBytes, null),
      row('in rank order', p.linear, p.gain),
      row('at random (one draw)', p.random, p.gainOverRandom),
    ],
    notes: p.networkBytes > 0 && p.crossLeafBytes === 0 ? ['All network traffic stays under its leaf.'] : [],
  };
}

/** The topologies that one switch can build, side by side. */
export function compareSections(rows: readonly TopologyRow[]): Section[] {
  return [
    {
      id: 'compare',
      title: 'Compared: full networks from this switch',
      columns: [
        left('topology'),
        right('endpoints'),
        right('switches'),
        right('switch links'),
        right('cost'),
        right('per endpoint'),
        right('worst hops'),
      ],
      rows: rows.map((r) => [
        r.title,
        quantity(r.endpoints, 'count'),
        quantity(r.switches, 'count'),
        quantity(r.links, 'count'),
        quantity(r.costUsd, 'money'),
        quantity(r.costPerEndpoint, 'money'),
        quantity(r.worstHops, 'count'),
      ]),
      notes: rows.map((r) => `${r.title}: ${r.note}`),
    },
  ];
}
