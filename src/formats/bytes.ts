import type { Chunks } from './types.ts';

/** Gzip stream ends early or is damaged: turned into an issue by whoever knows the input's label. */
export class CorruptGzip extends Error {
  constructor(cause: unknown) {
    super('the gzip stream is damaged or cut off', { cause });
    this.name = 'CorruptGzip';
  }
}

/** One text as a stream of one chunk. */
export function fromText(text: string): Iterable<Uint8Array> {
  return [new TextEncoder().encode(text)];
}

/** The whole of a small stream of UTF-8 as one text. */
export function textOf(chunks: Iterable<Uint8Array>): string {
  const decoder = new TextDecoder();
  let text = '';
  for (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/** The first `size` bytes (fewer when the input is shorter), and the whole stream again. O(size). */
export async function peek(chunks: Chunks, size: number): Promise<{ head: Uint8Array; chunks: Chunks }> {
  const iterator = iterate(chunks);
  const held: Uint8Array[] = [];
  let length = 0;
  while (length < size) {
    const next = await iterator.next();
    if (next.done) break;
    held.push(next.value);
    length += next.value.length;
  }
  const head = concatenate(held).subarray(0, size);
  return { head, chunks: rejoin(held, iterator) };
}

async function* rejoin(
  held: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* held;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function* iterate(chunks: Chunks): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** Gunzips when the stream starts with the gzip magic (RFC 1952, section 2.3.1), else passes it on. */
export async function* gunzipped(chunks: Chunks): AsyncGenerator<Uint8Array> {
  const peeked = await peek(chunks, 2);
  if (peeked.head[0] !== 0x1f || peeked.head[1] !== 0x8b) {
    yield* peeked.chunks;
    return;
  }
  const gzip = new DecompressionStream('gzip');
  // The writer's own failure reaches the reader too; catching it here keeps it from being reported twice.
  const feeding = feed(gzip.writable, peeked.chunks).catch(() => {});
  const reader = gzip.readable.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } catch (error) {
    throw new CorruptGzip(error);
  }
  await feeding;
}

async function feed(writable: WritableStream<Uint8Array<ArrayBuffer>>, chunks: Chunks): Promise<void> {
  const writer = writable.getWriter();
  try {
    for await (const chunk of chunks) await writer.write(chunk as Uint8Array<ArrayBuffer>);
    await writer.close();
  } catch (error) {
    await writer.abort(error);
  }
}

/** The whole stream as text (UTF-8; a wrong byte becomes U+FFFD and shows up where the text is used). */
export async function readText(chunks: Chunks): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/** Lines without their ends (LF or CRLF); the last one also when it has no end. */
export async function* readLines(chunks: Chunks): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) yield part.endsWith('\r') ? part.slice(0, -1) : part;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest.endsWith('\r') ? rest.slice(0, -1) : rest;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
