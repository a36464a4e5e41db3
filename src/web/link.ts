import type { Subject } from './protocol.ts';

/** What a link holds: everything that is needed to see the same page again. */
export interface Linked extends Subject {
  readonly view: string;
}

/** Characters of a fragment that browsers and chats still take; files beyond it stay behind. */
const LONGEST = 64_000;

/** `#s=...`: the spec and its files as JSON, deflated, in base64 for addresses. */
export async function toFragment(linked: Linked): Promise<string> {
  const whole = await encode(linked);
  return whole.length <= LONGEST ? whole : encode({ ...linked, files: {} });
}

async function encode(linked: Linked): Promise<string> {
  const packed = await through(
    new CompressionStream('deflate-raw'),
    new TextEncoder().encode(JSON.stringify(linked)),
  );
  let binary = '';
  for (const byte of packed) binary += String.fromCharCode(byte);
  return `#s=${btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

/** Null for a fragment that is none of ours or that was damaged on its way. */
export async function fromFragment(fragment: string): Promise<Linked | null> {
  const packed = /^#s=([\w-]+)$/.exec(fragment)?.[1];
  if (packed === undefined) return null;
  try {
    const binary = atob(packed.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (c) => c.charCodeAt(0));
    const text = new TextDecoder().decode(await through(new DecompressionStream('deflate-raw'), bytes));
    return checked(JSON.parse(text));
  } catch {
    return null;
  }
}

function checked(data: unknown): Linked | null {
  if (data === null || typeof data !== 'object') return null;
  const { text, files, without, view } = data as Record<string, unknown>;
  if (typeof text !== 'string' || typeof view !== 'string' || !Array.isArray(without)) return null;
  if (files === null || typeof files !== 'object' || !without.every((w) => typeof w === 'string'))
    return null;
  if (!Object.values(files as object).every((f) => typeof f === 'string')) return null;
  return { text, files: files as Record<string, string>, without, view };
}

async function through(
  stream: CompressionStream | DecompressionStream,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const piped = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(piped).arrayBuffer());
}
