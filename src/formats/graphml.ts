import { type Fabric, NodeKind } from '../fabric/types.ts';
import { serialise } from '../numeric/serialise.ts';

/** Attributes of nodes and edges, as GraphML declares them: name and type. */
const NODE_KEYS = [
  ['label', 'string'],
  ['kind', 'string'],
  ['tier', 'int'],
  ['plane', 'int'],
  ['host', 'string'],
  ['guid', 'string'],
  ['lid', 'int'],
] as const;
const EDGE_KEYS = [
  ['sourcePort', 'int'],
  ['targetPort', 'int'],
  ['bytesPerSecond', 'double'],
  ['alive', 'boolean'],
] as const;

/**
 * The fabric as GraphML (Gephi, yEd, NetworkX; http://graphml.graphdrawing.org), an undirected edge a cable, so that
 * parallel cables stay apart. Yields a line at a time. O(links).
 */
export function* writeGraphml(fabric: Fabric): Generator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n';
  for (const [name, type] of NODE_KEYS) yield key('node', name, type);
  for (const [name, type] of EDGE_KEYS) yield key('edge', name, type);
  yield `  <graph id="${escaped(fabric.name)}" edgedefault="undirected">\n`;
  for (let n = 0; n < fabric.nodes; n++)
    yield `    <node id="n${n}">${data(NODE_KEYS, nodeValues(fabric, n))}</node>\n`;
  for (let l = 0; l < fabric.links; l++) {
    const back = fabric.linkReverse[l]!;
    if (back < l) continue;
    const values = [
      String(fabric.linkPort[l]),
      String(fabric.linkPort[back]),
      serialise(fabric.linkRate[l]),
      String(fabric.linkAlive[l] === 1),
    ];
    const ends = `source="n${fabric.linkFrom[l]}" target="n${fabric.linkTo[l]}"`;
    yield `    <edge id="e${l}" ${ends}>${data(EDGE_KEYS, values)}</edge>\n`;
  }
  yield '  </graph>\n</graphml>\n';
}

function key(what: string, name: string, type: string): string {
  return `  <key id="${name}" for="${what}" attr.name="${name}" attr.type="${type}"/>\n`;
}

function nodeValues(fabric: Fabric, n: number): (string | null)[] {
  const kind =
    fabric.kind[n] === NodeKind.switch
      ? 'switch'
      : fabric.kind[n] === NodeKind.endpoint
        ? 'endpoint'
        : 'aggregator';
  const host = n < fabric.endpoints ? (fabric.hosts.names[fabric.hosts.of[n]!] ?? null) : null;
  const lid = fabric.lid?.[n] ?? 0;
  return [
    fabric.names[n]!,
    kind,
    String(fabric.tier[n]),
    String(fabric.plane[n]),
    host,
    fabric.guid?.[n] || null,
    lid === 0 ? null : String(lid),
  ];
}

/** What is not known is left out. */
function data(keys: readonly (readonly [string, string])[], values: readonly (string | null)[]): string {
  return keys
    .map(([name], i) => (values[i] === null ? '' : `<data key="${name}">${escaped(values[i]!)}</data>`))
    .join('');
}

/** XML 1.0 has no control characters, not even escaped. */
function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]+/gu, ' ')
    .replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);
}
