import type { Result } from '../base/result.ts';
import type { Chunks } from './types.ts';

/** What a training log is read for. */
export const LogSeries = { loss: 0, gradNorm: 1, throughput: 2, stepSeconds: 3 } as const;
export type LogSeries = (typeof LogSeries)[keyof typeof LogSeries];

/**
 * Takes a log's numbers in the order of the log. Plain arguments, since a log may have 10^8 of them. `time` is in
 * seconds of any epoch, NaN where the log has none; `rank` -1 where the log does not say; `line` counts from 1 (of a
 * TensorBoard file: records). A value may be NaN or infinite, if that is what was logged.
 */
export interface LogSink {
  point(series: LogSeries, step: number, time: number, value: number, line: number, rank: number): void;
}

export interface LogRead {
  readonly format: string;
  /** Lines, or records. */
  readonly lines: number;
  readonly points: number;
}

/** A format of training logs: streams to a sink; what is odd comes back as warnings with their lines. */
export interface LogReader {
  readonly name: string;
  sniff(head: Uint8Array): boolean;
  read(chunks: Chunks, label: string, sink: LogSink): Promise<Result<LogRead>>;
}
