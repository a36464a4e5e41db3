import type { LinkLoad, LoadTotals, Unrouted } from './types.ts';

/** Loads that grow: bytes of the whole step by link, and of one invocation of what was added since `forgetOnce`. */
export class LoadSums implements LoadTotals {
  /** Length links each. */
  readonly step: LinkLoad;
  readonly once: LinkLoad;
  readonly unrouted: Unrouted = { flows: 0, bytes: 0 };
  /** Links with bytes in `once`, so that operations on few links are looked at and forgotten in few steps. */
  readonly used: Int32Array;
  uses = 0;

  constructor(links: number) {
    this.step = new Float64Array(links);
    this.once = new Float64Array(links);
    this.used = new Int32Array(links);
  }

  add(link: number, step: number, once: number): void {
    this.step[link]! += step;
    const before = this.once[link]!;
    this.once[link] = before + once;
    if (before === 0 && once > 0) this.used[this.uses++] = link;
  }

  /** The busiest link of `once` (lowest id; -1 when none has bytes), and its seconds at line rate. */
  busiestOnce(linkRate: Float64Array): { seconds: number; link: number } {
    let seconds = 0;
    let link = -1;
    for (let i = 0; i < this.uses; i++) {
      const l = this.used[i]!;
      const s = this.once[l]! / linkRate[l]!;
      if (s > seconds || (s === seconds && l < link)) {
        seconds = s;
        link = l;
      }
    }
    return { seconds, link };
  }

  forgetOnce(): void {
    for (let i = 0; i < this.uses; i++) this.once[this.used[i]!] = 0;
    this.uses = 0;
  }

  /** Forgets the step as well; what found no path stays counted. */
  forget(): void {
    this.step.fill(0);
    this.forgetOnce();
  }
}
