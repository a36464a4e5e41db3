import { isSwitch } from '../fabric/builder.ts';
import { type Fabric, NodeKind } from '../fabric/types.ts';

/**
 * The fabric for Graphviz (`dot -Tsvg`): a rank a tier, the top tier above; cables between the same two nodes as one
 * edge with their number, dead ones dashed and apart. Yields a line at a time. O(links).
 */
export function* writeDot(fabric: Fabric): Generator<string> {
  yield `graph ${quoted(fabric.name)} {\n  rankdir=BT;\n  node [shape=box, fontsize=10];\n`;
  let top = 0;
  for (let n = 0; n < fabric.nodes; n++) top = Math.max(top, fabric.tier[n]!);
  for (let tier = 0; tier <= top; tier++) {
    yield `  { rank=same;\n`;
    for (let n = 0; n < fabric.nodes; n++) if (fabric.tier[n] === tier) yield `    ${node(fabric, n)}\n`;
    yield '  }\n';
  }
  for (let n = 0; n < fabric.nodes; n++) yield* edges(fabric, n);
  yield '}\n';
}

function node(fabric: Fabric, n: number): string {
  const shape = isSwitch(fabric, n)
    ? ''
    : fabric.kind[n] === NodeKind.aggregator
      ? ', shape=diamond'
      : ', shape=ellipse';
  return `n${n} [label=${quoted(fabric.names[n]!)}${shape}];`;
}

/** Edges to higher-numbered nodes, by the lower end's first port to each. */
function* edges(fabric: Fabric, n: number): Generator<string> {
  const count = new Map<string, { to: number; alive: boolean; cables: number }>();
  for (let l = fabric.linkStart[n]!; l < fabric.linkStart[n + 1]!; l++) {
    const to = fabric.linkTo[l]!;
    if (to < n) continue;
    const alive = fabric.linkAlive[l] === 1;
    const bundle = count.get(`${to} ${alive}`);
    if (bundle) bundle.cables++;
    else count.set(`${to} ${alive}`, { to, alive, cables: 1 });
  }
  for (const { to, alive, cables } of count.values()) {
    const options = [cables > 1 ? `label="${cables}"` : '', alive ? '' : 'style=dashed'].filter(
      (x) => x !== '',
    );
    yield `  n${n} -- n${to}${options.length > 0 ? ` [${options.join(', ')}]` : ''};\n`;
  }
}

function quoted(text: string): string {
  return `"${text.replace(/\p{Cc}+/gu, ' ').replace(/[\\"]/g, '\\$&')}"`;
}
