import type { Fabric } from '../fabric/types.ts';
import { CorruptGzip, gunzipped, readLines } from './bytes.ts';
import { IssueCollector } from './collector.ts';
import { DumpParser } from './ibnetdiscover-lines.ts';
import { fabricOfDump } from './subnet-cables.ts';
import type { Reader } from './types.ts';

/**
 * Reads what `ibnetdiscover` (rdma-core, infiniband-diags) prints: every switch and adapter with its ports, the
 * fabric as it is. Hosts come from the node descriptions ('a08-dgx-04 mlx5_5'), NIC numbers from the order of
 * the device names in a host; tiers and planes are found from the cables. Nodes are sorted by name, so the result
 * does not depend on where the dump was started.
 */
export const ibnetdiscover: Reader<Fabric> = {
  name: 'ibnetdiscover',

  sniff(head) {
    const text = new TextDecoder().decode(head);
    return /^(?:# Topology file|(?:vendid|switchguid|caguid)=0x|(?:Switch|Ca)\s+\d+\s+"[SH]-)/m.test(text);
  },

  async read(chunks, label) {
    const issues = new IssueCollector(label);
    const parser = new DumpParser(issues);
    try {
      for await (const line of readLines(gunzipped(chunks))) parser.push(line);
    } catch (error) {
      if (!(error instanceof CorruptGzip)) throw error;
      issues.add({ code: 'corrupt-gzip', message: error.message });
    }
    return fabricOfDump(parser.nodes, label, issues);
  },
};
