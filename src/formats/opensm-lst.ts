import type { Fabric } from '../fabric/types.ts';
import { CorruptGzip, gunzipped, readLines } from './bytes.ts';
import { excerpt, IssueCollector } from './collector.ts';
import { fabricOfDump } from './subnet-cables.ts';
import { rateOfSignalling } from './subnet-rates.ts';
import { type DumpLink, type DumpNode, guidText, MOST_PORT } from './subnet-types.ts';
import type { Reader } from './types.ts';

/** One end of a cable; numbers are hexadecimal but for none. The name may itself hold braces. */
const END =
  '\\{ (CA|SW|RTR)(?:-SM)? Ports:([0-9A-Fa-f]+) SystemGUID:[0-9A-Fa-f]+ NodeGUID:([0-9A-Fa-f]+) PortGUID:([0-9A-Fa-f]+) .*?\\{(.*)\\} LID:([0-9A-Fa-f]+) PN:([0-9A-Fa-f]+) \\}';
const LINE = new RegExp(`^${END} ${END} PHY=(\\d+)x LOG=([A-Z]+) SPD=([0-9.]+)\\s*$`);
/** Longer than any such line; a regular expression shall not chew on garbage. */
const LONGEST_LINE = 2000;

/**
 * Reads `opensm-subnet.lst`, the list of cables that OpenSM writes when a subnet is up: a line a cable and direction,
 * with both ends' GUIDs, names, LIDs and ports. A cable whose logical state is down comes as dead. The list
 * tells no LMC. Everything else as for ibnetdiscover.
 */
export const opensmLst: Reader<Fabric> = {
  name: 'opensm-subnet.lst',

  sniff(head) {
    return /^\{ (?:CA|SW|RTR)(?:-SM)? Ports:/m.test(new TextDecoder().decode(head));
  },

  async read(chunks, label) {
    const issues = new IssueCollector(label);
    const parser = new LstParser(issues);
    try {
      for await (const line of readLines(gunzipped(chunks))) parser.push(line);
    } catch (error) {
      if (!(error instanceof CorruptGzip)) throw error;
      issues.add({ code: 'corrupt-gzip', message: error.message });
    }
    return fabricOfDump(parser.nodes, label, issues);
  },
};

interface End {
  readonly node: DumpNode;
  readonly lid: number;
  readonly port: number;
  readonly portGuid: string;
}

class LstParser {
  readonly nodes = new Map<string, DumpNode>();
  readonly #issues: IssueCollector;
  #line = 0;

  constructor(issues: IssueCollector) {
    this.#issues = issues;
  }

  push(text: string): void {
    this.#line++;
    if (/^\s*(?:#|$)/.test(text)) return;
    const found = text.length > LONGEST_LINE ? null : LINE.exec(text);
    const rate = found ? rateOfSignalling(Number(found[15]), found[17]!) : null;
    if (!found || rate === null) {
      const line = this.#line;
      const message = found ? 'the speed of this cable is unknown' : 'this is no line of a list of cables';
      this.#issues.add({ code: 'unreadable-line', line, message, found: excerpt(text) });
      return;
    }
    if (found[1] === 'RTR' || found[8] === 'RTR') return;
    const near = this.#end(found.slice(1, 8));
    const far = this.#end(found.slice(8, 15));
    if (near && far) this.#link(near, far, rate, found[16] !== 'DWN');
  }

  /** The node of one end, declared when it is new, as its type, ports, GUIDs, name, LID and port say. */
  #end(fields: readonly string[]): End | null {
    const [type, ports, nodeGuid, portGuid, description, lid, port] = fields;
    const kind = type === 'SW' ? 'S' : 'H';
    const guid = guidText(nodeGuid!);
    const end = {
      lid: Number.parseInt(lid!, 16),
      port: Number.parseInt(port!, 16),
      portGuid: guidText(portGuid!),
    };
    if (this.nodes.has(`${kind === 'S' ? 'H' : 'S'}-${guid}`)) {
      const message = `the GUID ${guid} is a switch in one line and an adapter in another`;
      this.#issues.add({ code: 'duplicate-guid', line: this.#line, message });
      return null;
    }
    const key = `${kind}-${guid}`;
    let node = this.nodes.get(key);
    if (!node) {
      node = {
        key,
        kind,
        guid,
        ports: Number.parseInt(ports!, 16),
        description: description!.trim(),
        lid: kind === 'S' ? end.lid : 0,
        line: this.#line,
        links: new Map(),
      };
      this.nodes.set(key, node);
    }
    if (end.port >= 1 && end.port <= Math.min(node.ports, MOST_PORT)) return { node, ...end };
    this.#issues.add({
      code: 'port-range',
      line: this.#line,
      message: `port ${end.port} of ${key}`,
      found: String(end.port),
      allowed: `1 to ${Math.min(node.ports, MOST_PORT)}`,
    });
    return null;
  }

  #link(near: End, far: End, rate: number, alive: boolean): void {
    const before = near.node.links.get(near.port);
    if (before) {
      this.#issues.add({
        code: 'duplicate-port',
        line: this.#line,
        message: `port ${near.port} of ${near.node.key} is listed twice: here and in line ${before.line}`,
      });
      return;
    }
    const adapter = near.node.kind === 'H';
    const link: DumpLink = {
      peer: far.node.key,
      peerPort: far.port,
      rate,
      lid: adapter ? near.lid : 0,
      lmc: 0,
      portGuid: adapter ? near.portGuid : '',
      peerDescription: far.node.description,
      peerLid: far.lid,
      peerPortGuid: far.node.kind === 'H' ? far.portGuid : '',
      alive,
      line: this.#line,
    };
    near.node.links.set(near.port, link);
  }
}
