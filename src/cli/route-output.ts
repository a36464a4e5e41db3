import { withIdentities } from '../fabric/identities.ts';
import type { Fabric } from '../fabric/types.ts';
import { writeOpensmLft } from '../formats/opensm-lft.ts';
import { writeRoutesJson } from '../formats/routes-json.ts';
import type { TableRoutes } from '../routes/types.ts';
import type { TableChoices } from '../routing/types.ts';
import { expectValue } from './fabric-input.ts';
import { writeFile, writeFolder } from './output.ts';

export const isJson = (name: string): boolean => /\.json$/i.test(name);

export interface TableOutput {
  readonly out: string;
  readonly lmc: number;
  readonly valleys: TableChoices['valleys'];
}

/** Tables as OpenSM's text, a file a plane; or all of them, by base LID, as JSON. */
export function writeTables(
  fabric: Fabric,
  byOffset: readonly TableRoutes[],
  { out, lmc, valleys }: TableOutput,
): void {
  if (isJson(out)) {
    expectValue(writeFile(out, writeRoutesJson(fabric, byOffset[0]!)));
    return;
  }
  const identified = expectValue(withIdentities(fabric, { lmc }));
  const text = (plane: number): Iterable<Uint8Array> =>
    expectValue(writeOpensmLft(identified, byOffset, { plane, valleys }));
  if (fabric.planes === 1) {
    expectValue(writeFile(out, text(0)));
    return;
  }
  const files = Array.from({ length: fabric.planes }, (_, plane) => ({
    name: `lfts-plane${plane}.txt`,
    chunks: text(plane),
  }));
  const written = expectValue(writeFolder(out, files));
  process.stderr.write(`one subnet manager a plane: ${written.join(', ')}\n`);
}
