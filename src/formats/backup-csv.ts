import type { IdentifiedFabric } from '../fabric/types.ts';

/** A changed entry: links by fabric id, -1 for none. */
interface Change {
  readonly node: number;
  readonly dst: number;
  readonly before: number;
  readonly after: number;
}

export const BACKUP_CSV_HEADER = 'failure,switch,destination,lid,port before,port after\n';

/** The entries that one failure changes, a line each; `byOffset` by LID offset of the destination. */
export function backupCsv(
  fabric: IdentifiedFabric,
  part: string,
  byOffset: readonly (readonly Change[])[],
): string {
  const port = (link: number): number | '' => (link < 0 ? '' : fabric.linkPort[link]!);
  let text = '';
  for (const [offset, changes] of byOffset.entries()) {
    for (const { node, dst, before, after } of changes) {
      const names = [part, fabric.names[node]!, fabric.names[dst]!].map(quoted).join(',');
      text += `${names},${fabric.lid[dst]! + offset},${port(before)},${port(after)}\n`;
    }
  }
  return text;
}

/** RFC 4180. */
function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
