/**
 * One invocation of a collective on one shape of group, in positions of members: entry k moves share[k] of the
 * operation's bytesPerRank from member from[k] to member to[k]. Whether that is NVLink or network follows from
 * the two members' nodes.
 */
export interface Pattern {
  readonly count: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly share: Float64Array;
  /** Rounds in which the entries depend on one another. */
  readonly rounds: number;
}

/** Collects the entries of a pattern; shares of nothing and a member's copy to itself are left out. */
export class PatternBuilder {
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #share: number[] = [];

  add(from: number, to: number, share: number): void {
    if (share <= 0 || from === to) return;
    this.#from.push(from);
    this.#to.push(to);
    this.#share.push(share);
  }

  finish(rounds: number): Pattern {
    return {
      count: this.#from.length,
      from: Int32Array.from(this.#from),
      to: Int32Array.from(this.#to),
      share: Float64Array.from(this.#share),
      rounds,
    };
  }
}

/**
 * Sums shares by (from, to), for patterns in which many messages cross the same pair. A dense matrix: groups of
 * up to a few thousand members.
 */
export class PairSums {
  readonly #size: number;
  readonly #share: Float64Array;

  constructor(size: number) {
    this.#size = size;
    this.#share = new Float64Array(size * size);
  }

  add(from: number, to: number, share: number): void {
    this.#share[from * this.#size + to]! += share;
  }

  /** Entries by rising `from`, then `to`. */
  finish(rounds: number): Pattern {
    const size = this.#size;
    const builder = new PatternBuilder();
    for (let from = 0; from < size; from++) {
      for (let to = 0; to < size; to++) builder.add(from, to, this.#share[from * size + to]!);
    }
    return builder.finish(rounds);
  }
}
