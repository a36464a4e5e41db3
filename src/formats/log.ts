import { issue } from '../base/issue.ts';
import { fail, type Result } from '../base/result.ts';
import { CorruptGzip, gunzipped, peek } from './bytes.ts';
import { excerpt } from './collector.ts';
import { logCsv } from './log-csv.ts';
import { logJsonl } from './log-jsonl.ts';
import { logMegatron } from './log-megatron.ts';
import { logTensorboard } from './log-tensorboard.ts';
import type { LogRead, LogReader, LogSink } from './log-types.ts';
import type { Chunks } from './types.ts';

/** Every format of training logs, in the order in which they are asked. */
export const logReaders: readonly LogReader[] = [logTensorboard, logJsonl, logMegatron, logCsv];

/** Trainers greet at length before the first iteration. */
const HEAD_BYTES = 1 << 18;

/** Streams a log of whatever known format, gzipped or not, to a sink. */
export async function readLog(chunks: Chunks, label: string, sink: LogSink): Promise<Result<LogRead>> {
  try {
    const peeked = await peek(gunzipped(chunks), HEAD_BYTES);
    const reader = logReaders.find((r) => r.sniff(peeked.head));
    if (reader !== undefined) return await reader.read(peeked.chunks, label, sink);
    const empty = peeked.head.length === 0;
    return fail([
      issue({
        code: empty ? 'empty' : 'unknown-format',
        file: label,
        message: empty ? 'the input is empty' : 'no format for training logs is recognised here',
        found: excerpt(new TextDecoder().decode(peeked.head.subarray(0, 80))),
        allowed: logReaders.map((r) => r.name).join(', '),
        ...(empty
          ? {}
          : { hint: 'a CSV needs a header with step and loss, grad_norm, step_time or throughput' }),
      }),
    ]);
  } catch (error) {
    if (!(error instanceof CorruptGzip)) throw error;
    return fail([issue({ code: 'corrupt-gzip', file: label, message: error.message })]);
  }
}
