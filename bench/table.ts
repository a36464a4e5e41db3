import os from 'node:os';
import type { Bench, Measurement } from './harness.ts';

export interface Row {
  readonly name: string;
  readonly group: string;
  readonly runs: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly bar: number | null;
  readonly peakBytes: number;
  readonly peakBar: number | null;
  readonly rate: { readonly perSecond: number; readonly what: string } | null;
  readonly peer: { readonly label: string; readonly seconds: number | null; readonly note: string } | null;
  readonly met: boolean;
  readonly note: string;
}

export function summarise(bench: Bench, measured: Measurement): Row {
  const median = medianOf(measured.seconds);
  const bar = bench.bar?.seconds ?? null;
  const peakBar = bench.bar?.peakBytes ?? null;
  return {
    name: bench.name,
    group: bench.group,
    runs: measured.seconds.length,
    median,
    min: Math.min(...measured.seconds),
    max: Math.max(...measured.seconds),
    bar,
    peakBytes: measured.peakBytes,
    peakBar,
    rate: measured.work === null ? null : { perSecond: measured.work[0] / median, what: measured.work[1] },
    peer: summarisePeer(bench, measured),
    met: (bar === null || median <= bar) && (peakBar === null || measured.peakBytes <= peakBar),
    note: [bench.note ?? '', measured.detail].filter((text) => text !== '').join('; '),
  };
}

function summarisePeer({ peer }: Bench, measured: Measurement): Row['peer'] {
  if (peer === undefined) return null;
  if (measured.peerSeconds.length > 0) {
    return { label: peer.label, seconds: medianOf(measured.peerSeconds), note: 'timed here, in turn' };
  }
  return {
    label: peer.label,
    seconds: peer.seconds ?? null,
    note: measured.peerMissing ?? peer.source ?? '',
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  readonly system: string;
  /** Load average of the last minute before the first bench. */
  readonly load: number;
}

export function describeMachine(): Machine {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    memoryBytes: os.totalmem(),
    node: process.version,
    system: `${process.platform} ${process.arch}`,
    load: os.loadavg()[0]!,
  };
}

export function machineLine(m: Machine): string {
  const memory = `${(m.memoryBytes / 2 ** 30).toFixed(0)} GiB`;
  return `${m.cpu}, ${m.cores} cores, ${memory}, ${m.system}, Node ${m.node}, load ${m.load.toFixed(2)}`;
}

/** The rows as aligned text: medians with their spread, the bar, the peak, the peer beside. */
export function renderTable(rows: readonly Row[]): string {
  const head = ['bench', 'median', 'min .. max', 'runs', 'bar', 'peak', 'rate', 'peer'];
  const body = rows.map((row) => [
    row.name,
    seconds(row.median),
    `${seconds(row.min)} .. ${seconds(row.max)}`,
    String(row.runs),
    barText(row),
    `${(row.peakBytes / 2 ** 20).toFixed(0)} MiB`,
    row.rate === null ? '' : `${quantity(row.rate.perSecond)} ${row.rate.what}/s`,
    peerText(row),
  ]);
  const widths = head.map((title, c) => Math.max(title.length, ...body.map((cells) => cells[c]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, c) => pad(cell, widths[c]!, c))
      .join('  ')
      .trimEnd();
  const notes = rows.filter((row) => row.note !== '').map((row) => `  ${row.name}: ${row.note}`);
  return [line(head), ...body.map(line), ...notes].join('\n');
}

/** Texts to the left, figures to the right. */
function pad(cell: string, width: number, column: number): string {
  return column === 0 || column === 7 ? cell.padEnd(width) : cell.padStart(width);
}

function barText(row: Row): string {
  const bars = [];
  if (row.bar !== null) bars.push(seconds(row.bar));
  if (row.peakBar !== null) bars.push(`${(row.peakBar / 2 ** 20).toFixed(0)} MiB`);
  return bars.length === 0 ? '' : `${bars.join(', ')} ${row.met ? 'met' : 'MISSED'}`;
}

function peerText({ peer }: Row): string {
  if (peer === null) return '';
  const figure = peer.seconds === null ? 'no figure' : seconds(peer.seconds);
  return `${peer.label} ${figure}${peer.note === '' ? '' : ` (${peer.note})`}`;
}

function seconds(s: number): string {
  if (s >= 1) return `${s.toPrecision(3)} s`;
  if (s >= 1e-3) return `${(s * 1e3).toPrecision(3)} ms`;
  return `${(s * 1e6).toPrecision(3)} µs`;
}

function quantity(x: number): string {
  if (x >= 1e9) return `${(x / 1e9).toPrecision(3)} G`;
  if (x >= 1e6) return `${(x / 1e6).toPrecision(3)} M`;
  if (x >= 1e3) return `${(x / 1e3).toPrecision(3)} k`;
  return x.toPrecision(3);
}
