import { issue } from '../base/issue.ts';
import { fail, type Result } from '../base/result.ts';
import type { Fabric } from '../fabric/types.ts';
import { CorruptGzip, gunzipped, peek } from './bytes.ts';
import { excerpt } from './collector.ts';
import { fabricJson } from './fabric-json.ts';
import { htsimTopo } from './htsim-topo.ts';
import { ibnetdiscover } from './ibnetdiscover.ts';
import { linksCsv } from './links-csv.ts';
import { netq } from './netq.ts';
import { opensmLst } from './opensm-lst.ts';
import { type Chunks, HEAD_BYTES, type Reader } from './types.ts';

/** Every format that a fabric can be read from, in the order in which they are asked. */
export const fabricReaders: readonly Reader<Fabric>[] = [
  fabricJson,
  ibnetdiscover,
  opensmLst,
  htsimTopo,
  netq,
  linksCsv,
];

/**
 * Reads a fabric in whatever known format, gzipped or not: the first reader that recognises the beginning takes it.
 * `label` names the input in issues. Issues: those of the format, or 'unknown-format' with the formats there are.
 */
export async function readFabric(chunks: Chunks, label: string): Promise<Result<Fabric>> {
  let peeked: Awaited<ReturnType<typeof peek>>;
  try {
    peeked = await peek(gunzipped(chunks), HEAD_BYTES);
  } catch (error) {
    if (!(error instanceof CorruptGzip)) throw error;
    return fail([issue({ code: 'corrupt-gzip', file: label, message: error.message })]);
  }
  const reader = fabricReaders.find((r) => r.sniff(peeked.head));
  if (reader) return reader.read(peeked.chunks, label);
  const empty = peeked.head.length === 0;
  return fail([
    issue({
      code: empty ? 'empty' : 'unknown-format',
      file: label,
      message: empty ? 'the input is empty' : 'no format for fabrics is recognised here',
      found: excerpt(new TextDecoder().decode(peeked.head.subarray(0, 80))),
      allowed: fabricReaders.map((r) => r.name).join(', '),
    }),
  ]);
}
