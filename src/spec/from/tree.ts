/** A parsed JSON or TOML table. */
export type Tree = Readonly<Record<string, unknown>>;

export function isObject(x: unknown): x is Tree {
  return typeof x === 'object' && x !== null && !Array.isArray(x);
}

/** What stands at `a.b.c`, or undefined. */
export function at(tree: Tree, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (node, key) => (isObject(node) && Object.hasOwn(node, key) ? node[key] : undefined),
      tree,
    );
}
