import type { Catalog, Transport } from '../catalog/types.ts';
import type { SwitchLimits } from './types.ts';

/** Table sizes of the smallest switch of a transport: what holds where the model is not known. */
export function smallestLimits(transport: Transport, catalog: Catalog): SwitchLimits {
  const known = catalog
    .ids('switch')
    .map((id) => catalog.find('switch', id)!)
    .filter((s) => s.transport === transport);
  return {
    tableEntries: Math.min(...known.map((s) => s.tableEntries)),
    policyEntries: Math.min(...known.map((s) => s.policyEntries)),
  };
}
