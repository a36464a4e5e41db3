import fc from 'fast-check';
import type { FluidChange, FluidPhases, FluidSystem } from '../../src/fluid/types.ts';
import { stream } from '../../src/numeric/random.ts';

/** A system from lists: paths as link ids (or [link, share]), flows as {path, bytes, ...}. */
export function fluidSystem(input: {
  readonly capacity: readonly number[];
  readonly paths: readonly (readonly (number | readonly [link: number, share: number])[])[];
  readonly flows: readonly {
    readonly path: number;
    readonly bytes: number;
    readonly phase?: number;
    readonly offset?: number;
    readonly weight?: number;
  }[];
  readonly phases?: readonly { readonly delay: number; readonly after: readonly number[] }[];
  readonly changes?: readonly FluidChange[];
}): FluidSystem {
  const entries = input.paths.flat();
  const shared = entries.some((e) => typeof e !== 'number');
  return {
    capacity: Float64Array.from(input.capacity),
    paths: {
      count: input.paths.length,
      start: offsets(input.paths.map((p) => p.length)),
      link: Uint32Array.from(entries, (e) => (typeof e === 'number' ? e : e[0])),
      share: shared ? Float64Array.from(entries, (e) => (typeof e === 'number' ? 1 : e[1])) : null,
    },
    flows: {
      count: input.flows.length,
      path: Int32Array.from(input.flows, (f) => f.path),
      bytes: Float64Array.from(input.flows, (f) => f.bytes),
      phase: Uint32Array.from(input.flows, (f) => f.phase ?? 0),
      offset: Float64Array.from(input.flows, (f) => f.offset ?? 0),
      weight: Float64Array.from(input.flows, (f) => f.weight ?? 1),
    },
    phases: input.phases === undefined ? null : phasesFrom(input.phases),
    changes: input.changes ?? [],
  };
}

function phasesFrom(
  list: readonly { readonly delay: number; readonly after: readonly number[] }[],
): FluidPhases {
  return {
    count: list.length,
    delay: Float64Array.from(list, (p) => p.delay),
    start: offsets(list.map((p) => p.after.length)),
    after: Uint32Array.from(list.flatMap((p) => p.after)),
  };
}

function offsets(lengths: readonly number[]): Uint32Array {
  let sum = 0;
  return Uint32Array.from([0, ...lengths], (n) => (sum += n));
}

export interface RandomSystemOptions {
  readonly links: number;
  readonly paths: number;
  readonly flows: number;
  /** Integers everywhere, so that many things happen at the same instant and at the same level. */
  readonly ties: boolean;
  readonly shares: boolean;
  readonly weights: boolean;
  readonly phases: number;
  readonly changes: number;
}

const BESIDE = 0.3183;

/** A small random system: whatever the types allow, empty paths, missing paths and dead links with it. */
export function randomSystem(seed: number, options: RandomSystemOptions): FluidSystem {
  const random = stream(seed, 'fluid-system');
  const number = (most: number): number =>
    options.ties ? 1 + random.below(most) : most * (0.05 + random.uniform());
  const list = (n: number): undefined[] => Array.from({ length: n });
  const path = (): (number | readonly [number, number])[] => {
    const links = list(random.below(5)).map(() => random.below(options.links));
    const unique = [...new Set(links)];
    return options.shares ? unique.map((l) => [l, [1, 0.5, 0.25, 1 / 3][random.below(4)]!] as const) : unique;
  };
  const anyPath = (): number => (random.below(20) === 0 ? -1 : random.below(options.paths));
  return fluidSystem({
    capacity: list(options.links).map(() => (random.below(15) === 0 ? 0 : number(4))),
    paths: list(options.paths).map(path),
    flows: list(options.flows).map(() => ({
      path: anyPath(),
      bytes: random.below(12) === 0 ? 0 : number(6),
      phase: random.below(options.phases),
      offset: random.below(3) === 0 ? number(3) : 0,
      weight: options.weights ? number(3) : 1,
    })),
    phases: list(options.phases).map((_, p) => ({
      delay: random.below(2) * number(2),
      after: list(p === 0 ? 0 : random.below(3)).map(() => random.below(p)),
    })),
    changes: list(options.changes).map(() => ({
      // Beside the whole numbers that flows begin and end at: which of two came first would hang on the last bit.
      time: number(8) + BESIDE,
      links: list(random.below(3)).map(() => ({
        link: random.below(options.links),
        capacity: random.below(4) === 0 ? 0 : number(4),
      })),
      reroutes: [...new Set(list(random.below(3)).map(() => random.below(options.flows)))].map((flow) => ({
        flow,
        path: anyPath(),
      })),
    })),
  });
}

/** Small random systems, as fast-check draws them. */
export const smallSystems = fc
  .record({
    seed: fc.nat(),
    links: fc.integer({ min: 1, max: 9 }),
    paths: fc.integer({ min: 1, max: 12 }),
    flows: fc.integer({ min: 1, max: 20 }),
    ties: fc.boolean(),
    shares: fc.boolean(),
    weights: fc.boolean(),
    phases: fc.integer({ min: 1, max: 5 }),
    changes: fc.nat(4),
  })
  .map(({ seed, ...options }) => randomSystem(seed, options));
