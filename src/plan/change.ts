import type { Spec } from '../spec/types.ts';
import type { Change, PlanRequest } from './types.ts';

/** The field at `path` of the resolved spec becomes `value`. */
export function set(path: readonly (string | number)[], value: unknown): Change {
  return { kind: 'set', path, value };
}

/** The request with the changes made, the original untouched. A path that is not there is the caller's fault. */
export function applyChanges(request: PlanRequest, changes: readonly Change[]): PlanRequest {
  let { spec, without, failed } = request;
  for (const change of changes) {
    if (change.kind === 'set') spec = replaceAt(spec, change.path, change.value) as Spec;
    else if (change.kind === 'without') without = [...without, change.what];
    else failed = [...(failed ?? []), change.what];
  }
  return { spec, without, ...(failed && { failed }) };
}

function replaceAt(node: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return value;
  if (node === null || typeof node !== 'object' || !(head in node)) {
    throw new Error(`no field '${String(head)}' to change`);
  }
  if (Array.isArray(node)) return node.map((x, i) => (i === head ? replaceAt(x, rest, value) : x));
  return { ...node, [head]: replaceAt((node as Record<string, unknown>)[head], rest, value) };
}
