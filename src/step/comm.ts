import type { Parallelism } from '../spec/types.ts';
import { shardingOf } from '../workload/sharding.ts';
import type { Operation, Workload } from '../workload/types.ts';
import type { StepConstants } from './constants.ts';
import type { CommunicationTable, PhaseCommunication } from './types.ts';

/**
 * The communication table of a workload, from the seconds of one invocation of each of its operations: those that
 * the profile found on a fabric, or those of `Collectives`; each call takes its start besides. O(operations * stages).
 */
export function communicationTable(
  workload: Pick<Workload, 'operations' | 'pipeline' | 'microbatches'>,
  parallelism: Parallelism,
  secondsOf: (operation: Operation) => number,
  { collectiveStart }: Pick<StepConstants, 'collectiveStart'>,
): CommunicationTable {
  const { pipeline, microbatches } = workload;
  const { zero } = shardingOf(parallelism);
  const zeros = (): Float64Array => new Float64Array(pipeline);
  const phase = (): PhaseCommunication => ({
    tensor: zeros(),
    context: zeros(),
    expert: zeros(),
    hidden: zeros(),
  });
  const table = {
    pipeline,
    forward: phase(),
    backward: phase(),
    send: 0,
    reduce: zeros(),
    gather: zeros(),
    sharded: { forward: zeros(), backward: zeros(), reduce: zeros() },
    tail: zeros(),
  };
  for (const operation of workload.operations) {
    const seconds = secondsOf(operation) + collectiveStart;
    if (operation.dimension === 'pipeline' && operation.phase !== 'optimizer') {
      table.send = Math.max(table.send, seconds);
      continue;
    }
    const [into, times] = placeOf(table, operation, microbatches, zero);
    for (let p = 0; p < pipeline; p++) into[p]! += (seconds * operation.count[p]!) / times;
  }
  return table;
}

/** Where an operation's seconds belong, and over how many microbatches its count of a step is spread. */
function placeOf(
  table: CommunicationTable,
  operation: Operation,
  microbatches: number,
  zero: Parallelism['zero'],
): [Float64Array, number] {
  const { phase, dimension } = operation;
  if (dimension === 'data' || dimension === 'expert-data') {
    if (operation.kind === 'send') return [table.tail, 1];
    if (operation.kind === 'all-gather') {
      if (phase === 'optimizer') return [table.gather, 1];
      return [phase === 'forward' ? table.sharded.forward : table.sharded.backward, microbatches];
    }
    // ZeRO 3 reduces after every microbatch.
    return zero === 3 ? [table.sharded.reduce, microbatches] : [table.reduce, 1];
  }
  if (phase === 'optimizer') return [table.tail, 1];
  const of = phase === 'forward' ? table.forward : table.backward;
  if (dimension === 'tensor') return [operation.overlaps === null ? of.tensor : of.hidden, microbatches];
  return [dimension === 'context' ? of.context : of.expert, microbatches];
}
