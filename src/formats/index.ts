/** Readers and writers: streams of bytes in, one fabric out. */
export { fabricJson, writeFabricJson } from './fabric-json.ts';
export { ibnetdiscover } from './ibnetdiscover.ts';
export { readFabric } from './registry.ts';
export { writeRoutesJson } from './routes-json.ts';
export type { Chunks, Reader } from './types.ts';
