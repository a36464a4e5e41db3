import type { ScopeBytes } from '../fabric/types.ts';
import { sumScopes } from '../plan/assemble.ts';
import type { Plan } from '../plan/types.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

/** What was asked: the job, its machine and its network, in a few lines. */
export function askedSection(plan: Plan): Section {
  const { spec, workload } = plan;
  const { training: t, parallelism: p } = spec;
  const { total, active, mtp } = workload.parameters;
  const rows: Cell[][] = [
    ['model', spec.modelName],
    ['parameters', quantity(total, 'count')],
    ...(active < total ? [['active a token', quantity(active, 'count')] as Cell[]] : []),
    ...(mtp > 0 ? [['multi-token prediction', quantity(mtp, 'count')] as Cell[]] : []),
    ['FLOPs a token (causal)', quantity(workload.flopsPerToken.causal, 'flop')],
    ['training', `${t.batch} sequences of ${t.sequence} a step, ${t.precision}, recompute ${t.recompute}`],
    ['tokens', quantity(t.tokens, 'count')],
    ['machine', `${spec.gpus} GPUs in ${spec.gpus / spec.gpusPerNode} ${spec.nodeName}`],
    ['parallelism', parallelismText(p)],
    [
      'pipeline',
      `${p.schedule}, ${workload.microbatches} microbatches, layers by stage ${runs(workload.layersByStage)}`,
    ],
  ];
  return { id: 'asked', title: 'Asked', columns: [left(), left()], rows, notes: [] };
}

function parallelismText(p: Plan['spec']['parallelism']): string {
  const parts = (['tensor', 'pipeline', 'data', 'context', 'expert'] as const).map((d) => `${d} ${p[d]}`);
  return `${parts.join(', ')}, ZeRO ${p.zero}${copies(p)}; ranks count ${p.order.join(', ')}`;
}

function copies({ data, shard }: Plan['spec']['parallelism']): string {
  return shard === undefined ? '' : ` over ${shard} data ranks, ${data / shard} copies`;
}

/** [4, 4, 4, 3] as '3 x 4, 3'. */
function runs(values: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < values.length; ) {
    let j = i;
    while (j < values.length && values[j] === values[i]) j++;
    parts.push(j - i > 1 ? `${j - i} x ${values[i]}` : String(values[i]));
    i = j;
  }
  return parts.join(', ');
}

/** Operations that get a row of their own on the page; the plan lists all. */
const SHOWN = 8;

/** The operations of a step, those that load the network most first: who talks how often, and how far. */
export function trafficSection(plan: Plan): Section {
  const scopes = new Map(plan.traffic.operations.map((o) => [o.operation, o]));
  const said = plan.workload.operations
    .map((operation) => ({ operation, scope: scopes.get(operation.id)! }))
    .sort((a, b) => networkBytes(b.scope) - networkBytes(a.scope));
  const rest = said.slice(SHOWN).map(({ scope }) => scope);
  const row = (label: string, groups: string, count: string, s: Omit<ScopeBytes, 'operation'>): Cell[] => [
    label,
    groups,
    count,
    quantity(s.intraNode, 'bytes'),
    quantity(s.intraLeaf, 'bytes'),
    quantity(s.crossLeaf, 'bytes'),
  ];
  return {
    id: 'traffic',
    title: 'Said: bytes of one training step',
    columns: [
      left('operation'),
      right('groups'),
      right('times'),
      right('in node'),
      right('under leaf'),
      right('across leaves'),
    ],
    rows: [
      ...said
        .slice(0, SHOWN)
        .map(({ operation: o, scope }) =>
          row(o.title, `${o.groups} x ${o.groupSize}`, times(o.countByStage), scope),
        ),
      ...(rest.length > 0 ? [row(`${rest.length} smaller ones`, '', '', sumScopes(rest))] : []),
      row('whole step', '', '', plan.traffic.total),
    ],
    notes: planeNotes(plan),
  };
}

const networkBytes = (s: ScopeBytes): number => s.intraLeaf + s.crossLeaf;

function times(countByStage: readonly number[]): string {
  const low = Math.min(...countByStage);
  const high = Math.max(...countByStage);
  return low === high ? String(high) : `${low}-${high}`;
}

function planeNotes(plan: Plan): string[] {
  if (plan.fabric.planes === 1) return [];
  const { crossPlane } = plan.traffic.total;
  const forwarded = plan.workload.operations.filter((o) => o.forwarding !== 'none').map((o) => o.title);
  if (crossPlane > 0)
    return ['Some bytes change planes inside the sender’s node before they leave it; see the profile.'];
  return forwarded.length === 0
    ? ['Every byte stays on the plane of its GPU: the planes cost this job nothing.']
    : ['Every network byte stays on one plane; forwarding to another GPU index happens inside a node.'];
}

/**
 * What the plan stands on: the catalog's constants that were read (all, or those without a measurement or publication
 * behind them), and the defaults that were taken.
 */
export function assumedSections({ assumptions }: Plan, which: 'all' | 'unsourced'): Section[] {
  const shown = assumptions.constants.filter((c) => which === 'all' || c.confidence === 'assumed');
  const others = assumptions.constants.length - shown.length;
  return [
    {
      id: 'assumed',
      title:
        which === 'all' ? 'Stands on: constants' : 'Assumed: constants that nobody measured or published',
      columns: [left('constant'), right('value'), left('unit'), left('confidence'), left('source')],
      rows: shown.map((c) => [c.id, String(Number(c.value.toPrecision(6))), c.unit, c.confidence, c.source]),
      notes:
        others > 0
          ? [`${others} more come from measurements and publications: planewright plan SPEC --json`]
          : [],
    },
    {
      id: 'defaults',
      title: 'Assumed: defaults taken where the spec is silent',
      columns: [left('field'), left('value'), left('why')],
      rows: assumptions.defaults.map((d) => [d.path, String(d.value), d.why]),
      notes: [],
    },
  ].filter((s) => s.rows.length > 0) as Section[];
}
