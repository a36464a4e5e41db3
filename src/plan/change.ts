import type { Spec } from '../spec/types.ts';

/** What a plan is made for: the spec, and what is taken out of its fabric ('link:A-B', 'leaf:X', 'plane:2'). */
export interface PlanRequest {
  readonly spec: Spec;
  readonly without: readonly string[];
  /**
   * What breaks while the job is running, named alike: ranks stay where they are, and flows that lose an end go over other
   * NICs of their nodes.
   */
  readonly failed?: readonly string[];
}

/**
 * Every what-if in the product is one of these, applied by this one function: an advice item, a slider, a sweep
 * axis, a dead link.
 */
export type Change =
  | { readonly kind: 'set'; readonly path: readonly (string | number)[]; readonly value: unknown }
  | { readonly kind: 'without'; readonly what: string }
  | { readonly kind: 'fail'; readonly what: string };

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
