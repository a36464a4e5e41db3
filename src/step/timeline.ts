import type { StepEvaluator } from './evaluator.ts';
import type { CommunicationTable, Step, StepJob } from './types.ts';

// literal: Chrome's trace format counts microseconds
const MICROSECONDS = 1e6;

/** Streams of a rank, each a track. */
const STREAMS = ['compute', 'communication', 'pipeline sends'] as const;

/**
 * One step as a trace in Chrome's JSON format, which chrome://tracing and Perfetto open: a process a pipeline rank, a
 * thread a stream. Passes are those of the simulated schedule; the communication of a pass is drawn from its start,
 * dimension after dimension. Times in microseconds. O(passes).
 */
export function* stepTimeline(
  evaluator: StepEvaluator,
  job: StepJob,
  table: CommunicationTable,
  step: Step,
): Generator<string> {
  const { pipeline } = job.parallelism;
  yield '{"displayTimeUnit":"ms","traceEvents":[\n';
  for (let rank = 0; rank < pipeline; rank++) {
    yield `${meta('process_name', rank, 0, `pipeline rank ${rank}`)},\n`;
    for (const [stream, name] of STREAMS.entries()) yield `${meta('thread_name', rank, stream, name)},\n`;
  }
  const lines: string[] = [];
  let last = 0;
  evaluator.observe(job, table, (rank, pass, microbatch, chunk, start, seconds) => {
    last = Math.max(last, start + seconds);
    const name = pass === 'both' ? 'forward and backward' : pass;
    lines.push(event(`${name} ${microbatch}${chunk > 0 ? ` chunk ${chunk}` : ''}`, rank, 0, start, seconds));
    let at = start;
    for (const [dimension, amount] of communicationOf(table, pass, rank, job.parallelism.virtualStages)) {
      const shown = Math.min(amount, start + seconds - at);
      if (shown > 0) lines.push(event(dimension, rank, 1, at, shown));
      at += Math.max(0, shown);
    }
    if (pipeline > 1 && pass !== 'weight' && table.send > 0) {
      lines.push(event('send', rank, 2, start + seconds, table.send));
    }
  });
  yield* batches(lines);
  for (let rank = 0; rank < pipeline; rank++) {
    const { optimizer, dataTail } = step.breakdown;
    const tail = Math.max(0, step.seconds - optimizer - last);
    if (tail > 0 && dataTail > 0) yield `${event('gradients and parameters', rank, 1, last, tail)},\n`;
    const ended = event('optimizer', rank, 0, step.seconds - optimizer, optimizer);
    yield rank < pipeline - 1 ? `${ended},\n` : `${ended}\n`;
  }
  yield ']}\n';
}

function communicationOf(
  table: CommunicationTable,
  pass: string,
  rank: number,
  chunks: number,
): [string, number][] {
  const found: [string, number][] = [];
  const phases = [
    ...(pass === 'forward' || pass === 'both' ? [table.forward] : []),
    ...(pass === 'backward' || pass === 'both' ? [table.backward] : []),
  ];
  for (const phase of phases) {
    for (const dimension of ['tensor', 'context', 'expert'] as const) {
      const seconds = phase[dimension][rank]! / chunks;
      if (seconds > 0) found.push([dimension, seconds]);
    }
  }
  return found;
}

function* batches(lines: readonly string[]): Generator<string> {
  const size = 1000;
  for (let i = 0; i < lines.length; i += size) yield `${lines.slice(i, i + size).join(',\n')},\n`;
}

function event(name: string, pid: number, tid: number, start: number, seconds: number): string {
  const ts = (start * MICROSECONDS).toFixed(3);
  return `{"name":${JSON.stringify(name)},"ph":"X","pid":${pid},"tid":${tid},"ts":${ts},"dur":${(seconds * MICROSECONDS).toFixed(3)}}`;
}

function meta(what: string, pid: number, tid: number, name: string): string {
  return `{"name":"${what}","ph":"M","pid":${pid},"tid":${tid},"args":{"name":"${name}"}}`;
}
