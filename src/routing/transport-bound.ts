/** An edge of a bipartite graph: from a source vertex to a target vertex, at most `limit` units. */
export interface TransportEdge {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

/**
 * The maximum flow from sources to targets when source v gives at most supply(v) and target v takes at most demand(v),
 * whole units. Shortest augmenting paths in phases (Dinic; Even and Tarjan, doi:10.1137/0204043).
 */
export function transportBound(
  edges: readonly TransportEdge[],
  supply: (vertex: number) => number,
  demand: (vertex: number) => number,
): number {
  const network = new Network();
  for (const { from, to, limit } of edges) {
    network.join(network.source(from, supply), network.target(to, demand), limit);
  }
  return network.maximum();
}

/** Arc 2k and its reverse 2k + 1; vertices 0 (all sources' origin) and 1 (all targets' end), then as they come. */
class Network {
  readonly #sources = new Map<number, number>();
  readonly #targets = new Map<number, number>();
  readonly #arcs: number[][] = [[], []];
  readonly #to: number[] = [];
  readonly #room: number[] = [];
  #level: Int32Array = new Int32Array(0);
  #next: Int32Array = new Int32Array(0);

  source(vertex: number, supply: (vertex: number) => number): number {
    let v = this.#sources.get(vertex);
    if (v === undefined) {
      v = this.#arcs.push([]) - 1;
      this.#sources.set(vertex, v);
      this.join(0, v, supply(vertex));
    }
    return v;
  }

  target(vertex: number, demand: (vertex: number) => number): number {
    let v = this.#targets.get(vertex);
    if (v === undefined) {
      v = this.#arcs.push([]) - 1;
      this.#targets.set(vertex, v);
      this.join(v, 1, demand(vertex));
    }
    return v;
  }

  join(from: number, to: number, room: number): void {
    this.#arcs[from]!.push(this.#to.push(to) - 1);
    this.#room.push(room);
    this.#arcs[to]!.push(this.#to.push(from) - 1);
    this.#room.push(0);
  }

  maximum(): number {
    let total = 0;
    this.#level = new Int32Array(this.#arcs.length);
    while (this.#findLevels()) {
      this.#next = new Int32Array(this.#arcs.length);
      for (let got = this.#push(0, Infinity); got > 0; got = this.#push(0, Infinity)) total += got;
    }
    return total;
  }

  /** Distance of every vertex from the origin over arcs with room; false when the end is out of reach. */
  #findLevels(): boolean {
    this.#level.fill(-1);
    this.#level[0] = 0;
    const queue = [0];
    for (let head = 0; head < queue.length; head++) {
      for (const arc of this.#arcs[queue[head]!]!) {
        const v = this.#to[arc]!;
        if (this.#room[arc] === 0 || this.#level[v]! >= 0) continue;
        this.#level[v] = this.#level[queue[head]!]! + 1;
        queue.push(v);
      }
    }
    return this.#level[1]! >= 0;
  }

  #push(v: number, limit: number): number {
    if (v === 1) return limit;
    const arcs = this.#arcs[v]!;
    for (; this.#next[v]! < arcs.length; this.#next[v]!++) {
      const arc = arcs[this.#next[v]!]!;
      const to = this.#to[arc]!;
      if (this.#room[arc] === 0 || this.#level[to] !== this.#level[v]! + 1) continue;
      const got = this.#push(to, Math.min(limit, this.#room[arc]!));
      if (got === 0) continue;
      this.#room[arc]! -= got;
      this.#room[arc ^ 1]! += got;
      return got;
    }
    return 0;
  }
}
