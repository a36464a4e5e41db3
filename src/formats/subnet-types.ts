/** What dumps of an InfiniBand subnet tell, in whatever syntax, before it becomes a Fabric. */

/** A switch ('S') or channel adapter ('H') as the dump declares it. */
export interface DumpNode {
  /** As peers name it: 'S-2c5eab0300b87b40'. */
  readonly key: string;
  readonly kind: 'S' | 'H';
  /** 16 hexadecimal digits, lower case. */
  readonly guid: string;
  readonly ports: number;
  readonly description: string;
  /** Base LID of a switch; that of an adapter stands with its ports. */
  readonly lid: number;
  readonly line: number;
  readonly links: Map<number, DumpLink>;
}

/** One port as one end tells of it: what it is cabled to. */
export interface DumpLink {
  readonly peer: string;
  readonly peerPort: number;
  /** Bytes per second each direction. */
  readonly rate: number;
  /** Base LID, LMC and GUID of this adapter port; 0 and '' on a switch or where the dump is silent. */
  readonly lid: number;
  readonly lmc: number;
  readonly portGuid: string;
  /** What this end says of the far end. */
  readonly peerDescription: string;
  readonly peerLid: number;
  readonly peerPortGuid: string;
  /** False for a cable that is plugged in but down. */
  readonly alive: boolean;
  readonly line: number;
}

/** A cable with both its ends found. */
export interface DumpCable {
  readonly a: DumpNode;
  readonly aPort: number;
  readonly b: DumpNode;
  readonly bPort: number;
  readonly rate: number;
  readonly alive: boolean;
}

/** Ports of an InfiniBand node count from 1 to 254; 255 is no port. */
export const MOST_PORT = 254;

/** A GUID as all readers keep it: 16 hexadecimal digits, lower case, without '0x'. */
export function guidText(hex: string): string {
  return hex.toLowerCase().padStart(16, '0');
}
