import type { Fabric, FlowSchedule } from '../fabric/types.ts';
import { serialiseNumber } from '../numeric/serialise.ts';
import { nameOf } from './outcome.ts';
import type { RoutingOutcome } from './types.ts';

/** A file of `--out`: its name and its text in pieces. */
export interface SimulationFile {
  readonly name: string;
  readonly chunks: Iterable<string>;
}

/** Lines are joined to chunks of about this many. */
const LINES = 512;

/**
 * What `--out` writes: flows.csv and links.csv of every routing, timeline.json of the first. Seconds, bytes; of the seed
 * with the median completion.
 */
export function simulationFiles(
  fabric: Fabric,
  schedule: FlowSchedule,
  outcomes: readonly RoutingOutcome[],
): SimulationFile[] {
  return [
    { name: 'flows.csv', chunks: inChunks(flowLines(fabric, schedule, outcomes)) },
    { name: 'links.csv', chunks: inChunks(linkLines(fabric, outcomes)) },
    { name: 'timeline.json', chunks: inChunks(traceLines(fabric, schedule, outcomes[0]!)) },
  ];
}

function* inChunks(lines: Iterable<string>): Generator<string> {
  let held: string[] = [];
  for (const line of lines) {
    held.push(line);
    if (held.length < LINES) continue;
    yield `${held.join('\n')}\n`;
    held = [];
  }
  if (held.length > 0) yield `${held.join('\n')}\n`;
}

/** Names with a comma or quote in quotes, as CSV has it (RFC 4180). */
function cell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A time that never comes is an empty cell. */
function time(seconds: number): string {
  return seconds < Number.POSITIVE_INFINITY ? serialiseNumber(seconds) : '';
}

function* flowLines(
  fabric: Fabric,
  { flows }: FlowSchedule,
  outcomes: readonly RoutingOutcome[],
): Generator<string> {
  yield 'routing,flow,job,from,to,bytes,begin,end,seconds,alone,slowdown,rerouted';
  for (const { routing, run } of outcomes) {
    for (let m = 0; m < flows.count; m++) {
      const seconds = run.finish[m]! - run.begin[m]!;
      yield [
        cell(routing),
        m,
        cell(flows.operations[flows.operation[m]!]!),
        cell(fabric.names[flows.src[m]!]!),
        cell(fabric.names[flows.dst[m]!]!),
        serialiseNumber(flows.bytes[m]!),
        time(run.begin[m]!),
        time(run.finish[m]!),
        time(seconds),
        time(run.alone[m]!),
        time(seconds / run.alone[m]!),
        run.rerouted[m]!,
      ].join(',');
    }
  }
}

/** A row a link and interval in which it carries something. */
function* linkLines(fabric: Fabric, outcomes: readonly RoutingOutcome[]): Generator<string> {
  yield 'routing,link,begin,end,bytes,utilisation';
  for (const { routing, run, capacity } of outcomes) {
    const { width, intervals, bytes } = run.usage;
    for (let l = 0; l < capacity.length; l++) {
      const name = cell(nameOf(fabric, l));
      for (let i = 0; i < intervals; i++) {
        const carried = bytes[l * intervals + i]!;
        if (carried === 0) continue;
        const utilisation = carried / (capacity[l]! * width);
        const numbers = [i * width, (i + 1) * width, carried, utilisation].map((x) => serialiseNumber(x));
        yield [cell(routing), name, ...numbers].join(',');
      }
    }
  }
}

/** Tracks of a timeline: what people scroll through, and what a browser draws at once. */
const MOST_FLOW_TRACKS = 20_000;
const MOST_LINK_TRACKS = 2_000;
const FLOWS = 1;
const LINKS = 2;
/** Microseconds, the unit of the format. */
// literal: seconds in a simulation, microseconds in a trace
const MICRO = 1e6;

/**
 * Chrome's trace-event format (JSON object form), which Perfetto opens: process 1 has a track a sending NIC with its flows
 * as complete events ('X'), process 2 a counter ('C') a link with its utilisation in percent. The longest flows and the
 * busiest links where there are more than tracks.
 * Source: Trace Event Format, Google, 2016, docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU.
 */
function* traceLines(fabric: Fabric, schedule: FlowSchedule, outcome: RoutingOutcome): Generator<string> {
  yield '{"displayTimeUnit":"ns","traceEvents":[';
  yield event({ name: 'process_name', ph: 'M', pid: FLOWS, args: { name: `flows, ${outcome.routing}` } });
  yield event({ name: 'process_name', ph: 'M', pid: LINKS, args: { name: 'links, utilisation %' } });
  yield* flowEvents(fabric, schedule, outcome);
  yield* linkEvents(fabric, outcome);
  yield JSON.stringify({ name: 'process_sort_index', ph: 'M', pid: LINKS, args: { sort_index: LINKS } });
  yield ']}';
}

const event = (fields: object): string => `${JSON.stringify(fields)},`;

/** A number as the serialiser has it, for JSON.stringify. */
const round = (x: number): number => Number(serialiseNumber(x));

function* flowEvents(fabric: Fabric, { flows }: FlowSchedule, { run }: RoutingOutcome): Generator<string> {
  const ended = Array.from({ length: flows.count }, (_, m) => m).filter(
    (m) => run.finish[m]! < Number.POSITIVE_INFINITY,
  );
  const seconds = (m: number): number => run.finish[m]! - run.begin[m]!;
  const shown = ended
    .sort((a, b) => seconds(b) - seconds(a) || a - b)
    .slice(0, MOST_FLOW_TRACKS)
    .sort((a, b) => run.begin[a]! - run.begin[b]! || a - b);
  // Complete events of one track must nest: a NIC's flows that overlap take tracks side by side.
  const free: number[] = [];
  const named = new Map<number, number[]>();
  let last = 0;
  for (const m of shown) {
    const src = flows.src[m]!;
    const own = named.get(src) ?? [];
    named.set(src, own);
    let track = own.find((t) => free[t]! <= run.begin[m]!);
    if (track === undefined) {
      track = ++last;
      own.push(track);
      yield event({
        name: 'thread_name',
        ph: 'M',
        pid: FLOWS,
        tid: track,
        args: { name: fabric.names[src]! },
      });
    }
    free[track] = run.finish[m]!;
    yield event({
      name: `to ${fabric.names[flows.dst[m]!]}`,
      cat: flows.operations[flows.operation[m]!]!,
      ph: 'X',
      pid: FLOWS,
      tid: track,
      ts: round(run.begin[m]! * MICRO),
      dur: round(seconds(m) * MICRO),
      args: { flow: m, bytes: flows.bytes[m]!, slowdown: round(seconds(m) / run.alone[m]!) },
    });
  }
}

function* linkEvents(fabric: Fabric, { run, capacity }: RoutingOutcome): Generator<string> {
  const { width, intervals, bytes } = run.usage;
  const total = capacity.map((c, l) => {
    let sum = 0;
    for (let i = 0; i < intervals; i++) sum += bytes[l * intervals + i]!;
    return c > 0 ? sum / c : 0;
  });
  const links = Array.from(total.keys()).filter((l) => total[l]! > 0);
  links.sort((a, b) => total[b]! - total[a]! || a - b);
  for (const l of links.slice(0, MOST_LINK_TRACKS)) {
    const name = nameOf(fabric, l);
    let before = -1;
    for (let i = 0; i <= intervals; i++) {
      const carried = i < intervals ? bytes[l * intervals + i]! : 0;
      const percent = round((100 * carried) / (capacity[l]! * width));
      if (percent === before) continue;
      before = percent;
      yield event({ name, ph: 'C', pid: LINKS, ts: round(i * width * MICRO), args: { percent } });
    }
  }
}
