/**
 * Seeded randomness. A generator is `stream(seed, purpose, index)`; the index is an entity or a
 * replication, never a worker, so results do not depend on how the work was shared out.
 * Mixing: the finaliser of MurmurHash3 (Appleby, public domain). Generator: sfc32 (Doty-Humphrey,
 * PractRand), 128 bits of state, integer arithmetic only, hence the same bits on every engine.
 */

/** Stateless 32-bit mix of one integer: a bijection with full avalanche. */
export function mix32(x: number): number {
  let h = x | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}

/** Stateless 32-bit hash of up to four integers: what an ECMP switch does with a header. */
export function hash4(a: number, b: number, c: number, d: number): number {
  let h = mix32(a ^ 0x9e3779b9);
  h = mix32(h ^ Math.imul(b | 0, 0x85ebca77));
  h = mix32(h ^ Math.imul(c | 0, 0xc2b2ae3d));
  return mix32(h ^ Math.imul(d | 0, 0x27d4eb2f));
}

/** 32-bit FNV-1a of a text (Fowler, Noll, Vo), mixed. */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix32(h);
}

export interface Stream {
  /** Uniform 32-bit integer. */
  uint32(): number;
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Uniform integer in [0, n), without modulo bias for n up to 2^32 (multiply-shift on 53 bits). */
  below(n: number): number;
  /** Exponential with mean 1. */
  exponential(): number;
  /** Fisher-Yates, in place. */
  shuffle(array: Int32Array | Uint32Array | number[]): void;
}

export function stream(seed: number, purpose: string, index = 0): Stream {
  const p = hashText(purpose);
  let a = hash4(seed, p, index, 1) | 0;
  let b = hash4(seed, p, index, 2) | 0;
  let c = hash4(seed, p, index, 3) | 0;
  let counter = 1;
  const uint32 = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) uint32();
  const uniform = (): number => ((uint32() >>> 5) * 67108864 + (uint32() >>> 6)) / 9007199254740992;
  const below = (n: number): number => Math.floor(uniform() * n);
  return {
    uint32,
    uniform,
    below,
    exponential: () => -Math.log(1 - uniform()),
    shuffle(array) {
      for (let i = array.length - 1; i > 0; i--) {
        const j = below(i + 1);
        const t = array[i]!;
        array[i] = array[j]!;
        array[j] = t;
      }
    },
  };
}
