/**
 * What an entry of a table is worth when endpoints send to one another by a random permutation.
 *
 * entries: destinations that the link up carries already; hosts: sources below its leaf; others: (source,
 * destination) pairs that the link down carries towards other destinations. In flows of one permutation.
 */
export type Share = (entries: number, hosts: number, others: number) => number;

/** Poisson terms that are kept; a share of 1/10 or less hardly counts. */
const TERMS = 10;
/** Steps of the table between two whole flows met on average. */
const FINE = 16;
/** Flows met on average at most: beyond, the last value stands. */
const MOST = 6;

/**
 * Expected shares 1 / max(flows on the link up, flows on the link down), for a permutation of n endpoints: up, the other
 * flows are Poisson; down, a destination all of whose sources come this way is a flow that is always there, the
 * rest is Poisson. An entry brings its own share and takes from the others on its two links, whose other link is
 * taken to be free (down) or as full as this one (up).
 */
export function collisionShare(n: number): Share {
  const table = expectations();
  const at = (up: number, down: number): number => {
    const i = Math.min(MOST * FINE, Math.round(up * FINE));
    const j = Math.min(MOST * FINE, Math.round(down * FINE));
    return table[i * (MOST * FINE + 1) + j]!;
  };
  return (entries, hosts, others) => {
    const chance = hosts / (n - 1); // that the destination of an entry is one of this leaf's
    const up = (entries * (hosts - 1)) / (n - 1);
    const down = others / (n - 1);
    const more = (hosts - 1) / (n - 1);
    const own = chance * at(up, down);
    const lostUp = entries * chance * more * slope(at(up, 0), at(up + STEP, 0));
    // Each of the others there meets one less than a newcomer does.
    const met = Math.max(0, down - 1);
    const lostDown = down * chance * slope(at(up, met), at(up, met + STEP));
    return own + lostUp + lostDown;
  };
}

const STEP = 0.25;

function slope(from: number, to: number): number {
  return (to - from) / STEP;
}

/** Expected 1 / max by flows met up (i / FINE) and down (j / FINE). */
function expectations(): Float64Array {
  const side = MOST * FINE + 1;
  const table = new Float64Array(side * side);
  for (let i = 0; i < side; i++) {
    const up = poisson(i / FINE);
    for (let j = 0; j < side; j++) {
      const always = Math.floor(j / FINE + 0.2);
      const down = poisson(Math.max(0, j / FINE - always));
      let sum = 0;
      for (let a = 0; a < TERMS; a++)
        for (let b = 0; b < TERMS; b++) sum += (up[a]! * down[b]!) / (1 + Math.max(a, b + always));
      table[i * side + j] = sum;
    }
  }
  return table;
}

function poisson(mean: number): number[] {
  const terms = [Math.exp(-mean)];
  for (let i = 1; i < TERMS; i++) terms.push((terms[i - 1]! * mean) / i);
  return terms;
}
