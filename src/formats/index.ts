/** Readers and writers: streams of bytes in, one fabric or its tables out. */
export { writeDot } from './dot.ts';
export { fabricJson, writeFabricJson } from './fabric-json.ts';
export { writeGraphml } from './graphml.ts';
export { ibnetdiscover } from './ibnetdiscover.ts';
export { writeIbnetdiscover } from './ibnetdiscover-write.ts';
export { linksCsv } from './links-csv.ts';
export { netq } from './netq.ts';
export { computeGuids, guidToLid, opensmConf, rootGuids, simulatorLimits } from './opensm-files.ts';
export { writeOpensmLft } from './opensm-lft.ts';
export { type LftFault, type LftTables, readOpensmLfts } from './opensm-lft-read.ts';
export { opensmLst } from './opensm-lst.ts';
export { readFabric } from './registry.ts';
export { writeRoutesJson } from './routes-json.ts';
export type { Chunks, Reader } from './types.ts';
