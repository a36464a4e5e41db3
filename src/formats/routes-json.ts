import type { Fabric } from '../fabric/types.ts';
import { NO_ENTRY, type PinnedRoutes, type Routes, type TableRoutes } from '../routes/types.ts';

/**
 * Routes as JSON, by name and port so that no number of ours is needed to read them: for each switch the port to each
 * destination of its plane (0: none), in the order of `destinations`; the pins as lists of ports. A switch that is
 * not listed follows destination-modulo. Yields a line a switch.
 */
export function* writeRoutesJson(fabric: Fabric, routes: Routes): Generator<string> {
  const base = routes.kind === 'pinned' ? routes.base : routes;
  yield `{"version":1,"fabric":${JSON.stringify(fabric.name)},"policy":${JSON.stringify(policyOf(base))}`;
  if (base.kind === 'tables') yield* tables(fabric, base);
  if (routes.kind === 'pinned') yield* pins(fabric, routes);
  yield '}\n';
}

function policyOf(base: PinnedRoutes['base']): object {
  switch (base.kind) {
    case 'tables':
      return { kind: 'tables', label: base.label };
    case 'ecmp':
      return { kind: 'ecmp', seed: base.seed, queuePairs: base.queuePairs };
    case 'adaptive':
      return { kind: 'adaptive' };
  }
}

function* tables(fabric: Fabric, routes: TableRoutes): Generator<string> {
  const planes: string[][] = Array.from({ length: fabric.planes }, () => []);
  for (let e = 0; e < fabric.endpoints; e++) planes[fabric.plane[e]!]![routes.column[e]!] = fabric.names[e]!;
  yield `,\n"destinations":[\n${planes.map((names) => JSON.stringify(names)).join(',\n')}\n],\n"switches":[`;
  let separator = '\n';
  for (let s = fabric.endpoints; s < fabric.nodes; s++) {
    const row = routes.rows[s - fabric.endpoints];
    if (!row) continue;
    const first = fabric.linkStart[s]!;
    const ports = Array.from(row, (ordinal) =>
      ordinal === NO_ENTRY ? 0 : fabric.linkPort[first + ordinal]!,
    );
    yield `${separator}{"name":${JSON.stringify(fabric.names[s])},"plane":${fabric.plane[s]},"ports":[${ports.join(',')}]}`;
    separator = ',\n';
  }
  yield '\n]';
}

function* pins(fabric: Fabric, routes: PinnedRoutes): Generator<string> {
  yield ',\n"pins":[';
  for (let p = 0; p < routes.src.length; p++) {
    const hops: string[] = [];
    for (let k = routes.start[p]!; k < routes.start[p + 1]!; k++) {
      const link = routes.links[k]!;
      hops.push(`[${JSON.stringify(fabric.names[fabric.linkFrom[link]!])},${fabric.linkPort[link]}]`);
    }
    const names = [routes.src[p]!, routes.dst[p]!].map((e) => JSON.stringify(fabric.names[e]));
    yield `${p === 0 ? '\n' : ',\n'}{"from":${names[0]},"to":${names[1]},"ports":[${hops.join(',')}]}`;
  }
  yield '\n]';
}
