import type { Found } from './found.ts';
import type { LogEvent } from './types.ts';

/** Events this near to each other, in points, belong together. */
const NEAR = 8;
/** Stalls at even distances are checkpoints: how many, and how even. */
const REGULAR = 4;
const EVENNESS = 0.1;

/** The events in order, each with what most likely causes such a thing, given what else was seen around it. */
export function explain(found: readonly Found[], stride: number): LogEvent[] {
  const events = [...found].sort((a, b) => a.step - b.step || order(a) - order(b) || a.line - b.line);
  const regular = regularStalls(events);
  return events.map((event) => {
    const near = events.filter((e) => e !== event && Math.abs(e.step - event.step) <= NEAR * stride);
    return { ...event, causes: causesOf(event, near, regular) };
  });
}

const ORDER = ['restart', 'nan', 'divergence', 'spike', 'drift', 'stall', 'slowdown', 'straggler'] as const;
const order = (e: Found): number => ORDER.indexOf(e.kind);

function causesOf(event: Found, near: readonly Found[], checkpointEvery: number | null): string[] {
  const seen = (kind: Found['kind'], series?: Found['series']) =>
    near.some((e) => e.kind === kind && (series === undefined || e.series === series));
  switch (event.kind) {
    case 'spike':
      if (event.series === 'gradNorm')
        return seen('spike', 'loss')
          ? ['a batch unlike the others', 'an unstable optimizer: learning rate, its second moment']
          : [
              'a batch unlike the others, held by clipping',
              'a corrupted gradient: one rank, or one reduction',
            ];
      if (seen('restart')) return ['optimizer state or data order not restored', 'another precision or seed'];
      return seen('spike', 'gradNorm')
        ? ['an unstable optimizer: learning rate, its second moment', 'a batch unlike the others']
        : [
            'a batch unlike the others',
            'silent corruption in the forward pass of a rank: replay this step elsewhere',
          ];
    case 'nan':
      return [
        'an overflow: activations, loss scale, learning rate',
        'a faulty device: replay this step on other nodes',
      ];
    case 'divergence':
      return seen('nan')
        ? ['values that were not finite came first: go back before them']
        : [
            'an unstable optimizer: go back, skip the batches, lower the learning rate',
            'corrupted weights: go back to a verified checkpoint',
          ];
    case 'drift':
      return event.series === 'speed'
        ? ['memory or file handles that leak', 'a file system or log that fills', 'rising temperature']
        : [
            'a learning rate too high for this stage',
            'a change of the data',
            'slow corruption: compare replicas',
          ];
    case 'stall':
      if (checkpointEvery !== null) return [`a checkpoint every ${checkpointEvery} steps`];
      return seen('restart')
        ? ['the run was down']
        : [
            'the data loader',
            'a collective that hung and came back',
            'the file system',
            'evaluation or garbage collection',
          ];
    case 'slowdown':
      return seen('straggler')
        ? ['the straggler named beside it']
        : [
            'one slow node: thermal throttling, a degraded link or NIC',
            'congestion by another job',
            'longer sequences',
          ];
    case 'straggler':
      return [
        'thermal throttling or a power cap',
        'a degraded NIC, link or PCIe lane',
        'a neighbour on the same host',
      ];
    case 'restart':
      return seen('nan') || seen('divergence')
        ? ['rolled back after the run went wrong']
        : ['a failure of node, network or software', 'preemption or maintenance'];
  }
}

/** The distance of the stalls when they come at even distances; null when they do not. */
function regularStalls(events: readonly Found[]): number | null {
  const steps = events.filter((e) => e.kind === 'stall').map((e) => e.step);
  if (steps.length < REGULAR) return null;
  const distances = steps.slice(1).map((s, i) => s - steps[i]!);
  const middle = [...distances].sort((a, b) => a - b)[Math.floor(distances.length / 2)]!;
  const even = distances.filter((d) => Math.abs(d - middle) <= EVENNESS * middle).length;
  return middle > 0 && even >= distances.length / 2 && even >= REGULAR - 1 ? middle : null;
}
