import { isSwitch } from '../fabric/builder.ts';
import { lidsOf } from '../fabric/identities.ts';
import type { Fabric } from '../fabric/types.ts';
import type { IssueCollector } from './collector.ts';
import type { LftParser } from './opensm-lft-lines.ts';
import { guidText } from './subnet-types.ts';

/** Above this share of strangers a dump is not one of this fabric. */
const MOST_STRANGERS = 0.5;

/** A LID of a dump: whose it is (-1: nobody's in this fabric), and which of that port's LIDs. */
interface Address {
  readonly node: number;
  readonly offset: number;
}

/** How many GUIDs of the dump an index does not know. */
function strangers(named: ReadonlySet<string>, index: ReadonlyMap<string, number>): number {
  let count = 0;
  for (const guid of named) if (!index.has(guid)) count++;
  return count;
}

const NOBODY: Address = { node: -1, offset: 0 };

/**
 * Whose the switches and LIDs of one dump are. A port is known by its GUID (or by its node's GUID plus port
 * number, which is what ibsim makes of it), and where a dump names no GUIDs by the fabric's own LIDs, if the dump's
 * switches have these. Issues: 'other-fabric', 'no-lids', 'other-lids'; warnings 'unknown-guid', 'unknown-lid'.
 */
export class LftAddresses {
  readonly #fabric: Fabric;
  #ports: ReadonlyMap<string, number> = new Map();
  readonly #switches = new Map<string, number>();
  readonly #byLid = new Map<number, Address>();

  constructor(fabric: Fabric, dump: LftParser, issues: IssueCollector) {
    this.#fabric = fabric;
    const named = new Set(dump.guidOfLid.values());
    this.#chooseGuids(named);
    if (this.#isStranger(dump, named, issues)) return;
    const known = this.#indexLids(dump, issues);
    if (known.size > 0) this.#checkOwnLids(dump, known, issues);
    for (const section of dump.sections) {
      if (this.switchOf(section.guid) >= 0) continue;
      const message = `the fabric has no switch ${section.guid}; its table is left out`;
      issues.add({ code: 'unknown-guid', severity: 'warning', line: section.line, message });
    }
  }

  /** Node id of a switch by its GUID, -1 for a stranger. */
  switchOf(guid: string): number {
    return this.#switches.get(guid) ?? -1;
  }

  destinationOf(lid: number): Address {
    return this.#byLid.get(lid) ?? NOBODY;
  }

  /** Port GUIDs are the fabric's or a simulator's, whichever tell more of the dump; near each other they overlap. */
  #chooseGuids(named: ReadonlySet<string>): void {
    const { guid, portGuid, nodes, linkStart, linkPort } = this.#fabric;
    const own = new Map<string, number>();
    const simulated = new Map<string, number>();
    for (let n = 0; n < nodes; n++) {
      if (portGuid?.[n]) own.set(portGuid[n]!, n);
      const base = guid?.[n] ?? '';
      if (base === '') continue;
      if (isSwitch(this.#fabric, n)) {
        this.#switches.set(base, n);
        own.set(base, n);
        simulated.set(base, n);
      } else {
        for (let l = linkStart[n]!; l < linkStart[n + 1]!; l++)
          simulated.set(guidText((BigInt(`0x${base}`) + BigInt(linkPort[l]!)).toString(16)), n);
      }
    }
    this.#ports = strangers(named, simulated) < strangers(named, own) ? simulated : own;
  }

  /** One error instead of hundreds when most of what the dump names is not in the fabric. */
  #isStranger(dump: LftParser, named: ReadonlySet<string>, issues: IssueCollector): boolean {
    const unknown =
      strangers(named, this.#ports) +
      dump.sections.reduce((sum, { guid }) => sum + (this.#switches.has(guid) ? 0 : 1), 0);
    const all = named.size + dump.sections.length;
    if (unknown <= MOST_STRANGERS * all) return false;
    issues.add({
      code: 'other-fabric',
      message: `these tables are of another fabric than ${this.#fabric.name}`,
      found: `${unknown} of ${all} GUIDs that are not in it`,
      hint:
        this.#fabric.guid === null
          ? 'the fabric has no GUIDs: import it from ibnetdiscover or opensm-subnet.lst'
          : 'take both dumps from the same subnet',
    });
    return true;
  }

  /** Owners by GUID; the LIDs that no comment names are looked up in the fabric's own, which are returned. */
  #indexLids(dump: LftParser, issues: IssueCollector): Map<number, Address> {
    const base = new Map<number, number>();
    const named = [...dump.guidOfLid].sort((x, y) => x[0] - y[0]);
    for (const [lid, guid] of named) {
      const node = this.#ports.get(guid);
      if (node === undefined) {
        const message = `LID ${lid} is the port GUID ${guid}, which is not in the fabric; its entries are left out`;
        issues.add({ code: 'unknown-guid', severity: 'warning', message });
        continue;
      }
      if (!base.has(node)) base.set(node, lid);
      this.#byLid.set(lid, { node, offset: lid - base.get(node)! });
    }
    return this.#indexOwnLids(dump, issues);
  }

  #indexOwnLids(dump: LftParser, issues: IssueCollector): Map<number, Address> {
    const nameless = new Map<number, number>();
    for (const { lids, lines } of dump.sections) {
      for (const [i, lid] of lids.entries())
        if (!dump.guidOfLid.has(lid) && !nameless.has(lid)) nameless.set(lid, lines[i]!);
    }
    if (nameless.size === 0) return new Map();
    const own = this.#lidsOfPlanes(dump);
    if (own.size === 0) {
      const message = 'the dump names destinations by LID alone, and the fabric has no LIDs';
      const hint = 'give the dump that names port GUIDs (dump_lfts, or opensm-lfts.dump)';
      issues.add({ code: 'no-lids', message, hint });
    } else {
      for (const [lid, line] of nameless) {
        const address = own.get(lid);
        if (address) this.#byLid.set(lid, address);
        else {
          const message = `nothing in the fabric has LID ${lid}; its entries are left out`;
          issues.add({ code: 'unknown-lid', severity: 'warning', line, message });
        }
      }
    }
    return own;
  }

  /** LIDs of the planes that the dump's switches are in. */
  #lidsOfPlanes(dump: LftParser): Map<number, Address> {
    const { lid, plane, nodes, lmc } = this.#fabric;
    const planes = new Set<number>();
    for (const section of dump.sections) {
      const node = this.switchOf(section.guid);
      if (node >= 0) planes.add(plane[node]!);
    }
    const own = new Map<number, Address>();
    for (let node = 0; node < nodes; node++) {
      const base = lid?.[node] ?? 0;
      if (base === 0 || !planes.has(plane[node]!)) continue;
      const count = lidsOf(this.#fabric, node, lmc);
      for (let offset = 0; offset < count; offset++) own.set(base + offset, { node, offset });
    }
    return own;
  }

  /** A switch sends its own LID to port 0: where that is another LID than ours, the subnet is numbered otherwise. */
  #checkOwnLids(dump: LftParser, own: ReadonlyMap<number, Address>, issues: IssueCollector): void {
    for (const { guid, lids, ports, lines } of dump.sections) {
      const node = this.switchOf(guid);
      const at = ports.indexOf(0);
      if (node < 0 || at < 0 || dump.guidOfLid.has(lids[at]!) || own.get(lids[at]!)?.node === node) continue;
      issues.add({
        code: 'other-lids',
        line: lines[at]!,
        message: `${this.#fabric.names[node]} has LID ${lids[at]} in this dump and ${this.#fabric.lid![node]} in the fabric`,
        hint: 'the subnet was numbered anew: give the dump that names port GUIDs (dump_lfts, or opensm-lfts.dump)',
      });
    }
  }
}
