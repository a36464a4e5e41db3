import type { FluidSystem, LinkUsage } from './types.ts';

/**
 * Bytes by link and interval. Nobody knows beforehand how long a run takes: when time goes past the last interval, two
 * become one and the width doubles. Starting from a time that no run can beat, few doublings come.
 */
export class UsageRecorder {
  readonly #links: number;
  readonly #intervals: number;
  readonly #bytes: Float64Array;
  #width: number;

  constructor(links: number, intervals: number, width: number) {
    this.#links = links;
    this.#intervals = intervals;
    this.#bytes = new Float64Array(links * intervals);
    this.#width = width;
  }

  /** `rate` bytes per second over a link from `begin` to `end`. */
  add(link: number, begin: number, end: number, rate: number): void {
    while (end > this.#width * this.#intervals) this.#double();
    const row = link * this.#intervals;
    const last = this.#intervals - 1;
    const from = Math.min(last, Math.floor(begin / this.#width));
    const to = Math.min(last, Math.floor(end / this.#width));
    if (from === to) {
      this.#bytes[row + from]! += rate * (end - begin);
      return;
    }
    this.#bytes[row + from]! += rate * ((from + 1) * this.#width - begin);
    for (let i = from + 1; i < to; i++) this.#bytes[row + i]! += rate * this.#width;
    this.#bytes[row + to]! += rate * (end - to * this.#width);
  }

  result(): LinkUsage {
    return { width: this.#width, intervals: this.#intervals, bytes: this.#bytes };
  }

  #double(): void {
    const bytes = this.#bytes;
    const n = this.#intervals;
    for (let l = 0; l < this.#links; l++) {
      const row = l * n;
      for (let i = 0; i < n; i++) {
        const a = 2 * i < n ? bytes[row + 2 * i]! : 0;
        const b = 2 * i + 1 < n ? bytes[row + 2 * i + 1]! : 0;
        bytes[row + i] = a + b;
      }
    }
    this.#width *= 2;
  }
}

/**
 * Usage of parts as that of the whole: row l of a part is link links[l] of the whole. All began with the same width, so that
 * each is a power of two of the others.
 */
export function joinUsage(
  links: number,
  parts: readonly { readonly links: Int32Array; readonly usage: LinkUsage }[],
): LinkUsage {
  const { intervals } = parts[0]!.usage;
  const width = parts.reduce((most, { usage }) => Math.max(most, usage.width), 0);
  const bytes = new Float64Array(links * intervals);
  for (const { links: rows, usage } of parts) {
    const fold = Math.round(width / usage.width);
    for (const [l, row] of rows.entries()) {
      for (let i = 0; i < intervals; i++) {
        bytes[row * intervals + Math.floor(i / fold)]! += usage.bytes[l * intervals + i]!;
      }
    }
  }
  return { width, intervals, bytes };
}

/** No run is shorter: the largest bytes over capacity of any link; 1 where nothing moves. O(flows * hops). */
export function leastTime({ capacity, paths, flows }: FluidSystem): number {
  const bytes = new Float64Array(capacity.length);
  for (let f = 0; f < flows.count; f++) {
    const p = flows.path[f]!;
    if (p < 0) continue;
    for (let i = paths.start[p]!; i < paths.start[p + 1]!; i++) {
      bytes[paths.link[i]!]! += flows.bytes[f]! * (paths.share?.[i] ?? 1);
    }
  }
  let most = 0;
  for (let l = 0; l < capacity.length; l++) {
    if (capacity[l]! > 0) most = Math.max(most, bytes[l]! / capacity[l]!);
  }
  return most > 0 ? most : 1;
}
