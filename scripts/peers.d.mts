export interface Peer {
  readonly name: string;
  readonly command: string;
  /** Debian package. */
  readonly package: string;
  readonly suite: string;
}
export const peers: readonly Peer[];
export function findPeer(name: string): string | null;
