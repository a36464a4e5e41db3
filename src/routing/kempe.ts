import type { Workspace } from './split-graph.ts';

/**
 * Proper edge-colouring with `k` colours after cutting vertices into sub-vertices of degree at most k, edges
 * added one by one: a colour free at both ends, or else an alternating (Kempe) chain is flipped to make one.
 */
export function colourOdd(
  work: Workspace,
  from: number,
  to: number,
  k: number,
  first: number,
  colour: Int32Array,
): void {
  const { graph, byLeft } = work;
  const subLeft = work.partnerLeft;
  const subRight = work.partnerRight;
  const lefts = cutInto(byLeft, from, to, graph.left, k, subLeft);
  const rights = cutRight(work, from, to, k, subRight);
  const atLeft = new Int32Array(lefts * k).fill(-1);
  const atRight = new Int32Array(rights * k).fill(-1);
  for (let i = from; i < to; i++) {
    const e = byLeft[i]!;
    const x = subLeft[e]! * k;
    const y = subRight[e]! * k;
    // Start the search at another colour for every edge, so that vertices of low degree do not all use colour 0.
    const shift = (i + subRight[e]!) % k;
    let both = -1;
    let freeX = -1;
    let freeY = -1;
    for (let j = 0; j < k && both < 0; j++) {
      const c = j + shift < k ? j + shift : j + shift - k;
      const okX = atLeft[x + c]! < 0;
      const okY = atRight[y + c]! < 0;
      if (okX && okY) both = c;
      else if (okX && freeX < 0) freeX = c;
      else if (okY && freeY < 0) freeY = c;
    }
    if (both < 0) {
      flipChain(atLeft, atRight, subLeft, subRight, k, subRight[e]!, freeX, freeY);
      both = freeX;
    }
    atLeft[x + both] = e;
    atRight[y + both] = e;
  }
  for (let x = 0; x < lefts; x++) {
    for (let c = 0; c < k; c++) {
      const e = atLeft[x * k + c]!;
      if (e >= 0) colour[e] = first + c;
    }
  }
}

/** Sub-vertices of k consecutive edges of the same key; returns how many. */
function cutInto(
  order: Int32Array,
  from: number,
  to: number,
  key: Int32Array,
  k: number,
  sub: Int32Array,
): number {
  let next = -1;
  let size = 0;
  let last = -1;
  for (let i = from; i < to; i++) {
    const e = order[i]!;
    if (key[e] !== last || size === k) {
      next++;
      size = 0;
      last = key[e]!;
    }
    sub[e] = next;
    size++;
  }
  return next + 1;
}

/** Full groups of k inside each inner set first, then groups across the right vertex from what is left over. */
function cutRight(work: Workspace, from: number, to: number, k: number, sub: Int32Array): number {
  const { byRight, scratch } = work;
  const { inner, right } = work.graph;
  let next = 0;
  let rest = 0;
  for (let i = from; i < to; ) {
    let end = i;
    while (end < to && inner[byRight[end]!] === inner[byRight[i]!]) end++;
    const full = end - ((end - i) % k);
    for (let j = i; j < full; j++) sub[byRight[j]!] = next + Math.floor((j - i) / k);
    next += (full - i) / k;
    for (let j = full; j < end; j++) scratch[rest++] = byRight[j]!;
    i = end;
  }
  const over = new Int32Array(rest);
  const more = cutInto(scratch, 0, rest, right, k, sub);
  for (let i = 0; i < rest; i++) over[i] = sub[scratch[i]!]! + next;
  for (let i = 0; i < rest; i++) sub[scratch[i]!] = over[i]!;
  return next + more;
}

/**
 * Swaps colours a and b on the chain that starts with colour a at right sub-vertex y, after which a is free at y.
 * The chain reaches a left vertex only along a and leaves it along b, so it cannot end at the left vertex
 * where a is free: the new edge may take a at both ends.
 */
function flipChain(
  atLeft: Int32Array,
  atRight: Int32Array,
  subLeft: Int32Array,
  subRight: Int32Array,
  k: number,
  y: number,
  a: number,
  b: number,
): void {
  let e = atRight[y * k + a]!;
  atRight[y * k + a] = -1;
  let fromRight = true;
  let old = a;
  while (e >= 0) {
    const fresh = old === a ? b : a;
    // The edge takes `fresh` at the end it was reached from, and at the far end pushes out the edge that holds it.
    const near = fromRight ? atRight : atLeft;
    const far = fromRight ? atLeft : atRight;
    const nearAt = (fromRight ? subRight[e]! : subLeft[e]!) * k;
    const farAt = (fromRight ? subLeft[e]! : subRight[e]!) * k;
    near[nearAt + fresh] = e;
    const pushed = far[farAt + fresh]!;
    if (far[farAt + old] === e) far[farAt + old] = -1;
    far[farAt + fresh] = e;
    e = pushed;
    old = fresh;
    fromRight = !fromRight;
  }
}
