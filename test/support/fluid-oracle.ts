import type { FluidSystem } from '../../src/fluid/types.ts';

/**
 * Max-min sharing, slow and obvious: every flow by itself, rates from scratch at every event by filling up step by step.
 * What the engine is compared with; it shares no code with it.
 */

interface Flow {
  readonly id: number;
  readonly weight: number;
  path: number;
  left: number;
  state: 'waiting' | 'running' | 'ended';
  begin: number;
  finish: number;
}

/** Rate of each running flow: all rise together, those at a full link stop. */
export function oracleRates(
  capacity: ArrayLike<number>,
  flows: readonly { readonly weight: number; readonly shares: ReadonlyMap<number, number> }[],
): number[] {
  const rate = flows.map(() => Number.NaN);
  const rest = Array.from(capacity);
  for (;;) {
    const growth = rest.map(() => 0);
    flows.forEach((f, i) => {
      if (Number.isNaN(rate[i])) for (const [l, share] of f.shares) growth[l]! += share * f.weight;
    });
    let level = Number.POSITIVE_INFINITY;
    let full = -1;
    growth.forEach((g, l) => {
      const at = Math.max(0, rest[l]!) / g;
      if (g > 0 && at < level) {
        level = at;
        full = l;
      }
    });
    flows.forEach((f, i) => {
      if (!Number.isNaN(rate[i]) || (full >= 0 && !f.shares.has(full))) return;
      rate[i] = level * f.weight;
      for (const [l, share] of f.shares) rest[l]! -= share * rate[i]!;
    });
    if (full < 0) return rate;
  }
}

/** Seconds at which each flow begins and ends. */
export function oracle(system: FluidSystem): { begin: number[]; finish: number[] } {
  const { paths } = system;
  const capacity = Array.from(system.capacity);
  const phases = phasesOf(system);
  const flows: Flow[] = Array.from({ length: system.flows.count }, (_, id) => ({
    id,
    weight: system.flows.weight?.[id] ?? 1,
    path: system.flows.path[id]!,
    left: system.flows.bytes[id]!,
    state: 'waiting',
    begin: Number.POSITIVE_INFINITY,
    finish: Number.POSITIVE_INFINITY,
  }));
  const phaseOf = (f: Flow): (typeof phases)[number] => phases[system.flows.phase?.[f.id] ?? 0]!;
  const changes = [...system.changes].sort((a, b) => a.time - b.time);
  let now = 0;
  for (;;) {
    for (let again = true; again; ) {
      again = false;
      for (const p of phases) {
        const ready = p.after.map((q) => phases[q]!.finish).reduce((a, b) => Math.max(a, b), 0) + p.delay;
        if (p.begin === Number.POSITIVE_INFINITY && ready <= now) {
          p.begin = ready;
          again = true;
        }
        const members = flows.filter((f) => phaseOf(f) === p);
        const over = p.begin < Number.POSITIVE_INFINITY && members.every((f) => f.state === 'ended');
        if (over && p.finish === Number.POSITIVE_INFINITY) {
          p.finish = Math.max(p.begin, ...members.map((f) => f.finish));
          again = true;
        }
      }
      for (const f of flows) {
        const begin = phaseOf(f).begin + (system.flows.offset?.[f.id] ?? 0);
        if (f.state === 'waiting' && begin <= now) {
          f.state = 'running';
          f.begin = begin;
          again = true;
        }
        const passed = f.left <= 1e-12 * system.flows.bytes[f.id]!;
        const free = f.path >= 0 && paths.start[f.path] === paths.start[f.path + 1];
        if (f.state === 'running' && (passed || free)) {
          f.state = 'ended';
          f.finish = now;
          again = true;
        }
      }
      if (!again && changes.length > 0 && changes[0]!.time <= now) {
        const change = changes.shift()!;
        for (const l of change.links) capacity[l.link] = l.capacity;
        for (const r of change.reroutes) flows[r.flow]!.path = r.path;
        again = true;
      }
    }
    const running = flows.filter((f) => f.state === 'running' && f.path >= 0);
    const rates = oracleRates(
      capacity,
      running.map((f) => ({ weight: f.weight, shares: sharesOf(system, f.path) })),
    );
    const next = Math.min(
      ...running.map((f, i) => (rates[i]! > 0 ? now + f.left / rates[i]! : Number.POSITIVE_INFINITY)),
      ...phases.map((p) => {
        const ready = p.after.map((q) => phases[q]!.finish).reduce((a, b) => Math.max(a, b), 0) + p.delay;
        return p.begin === Number.POSITIVE_INFINITY ? ready : Number.POSITIVE_INFINITY;
      }),
      ...flows.map((f) =>
        f.state === 'waiting'
          ? phaseOf(f).begin + (system.flows.offset?.[f.id] ?? 0)
          : Number.POSITIVE_INFINITY,
      ),
      ...changes.map((c) => c.time),
    );
    if (next === Number.POSITIVE_INFINITY)
      return { begin: flows.map((f) => f.begin), finish: flows.map((f) => f.finish) };
    running.forEach((f, i) => {
      f.left -= rates[i]! * (next - now);
    });
    now = next;
  }
}

/** Part of a flow's rate by link; a link that a path names twice counts twice. */
export function sharesOf({ paths }: Pick<FluidSystem, 'paths'>, path: number): Map<number, number> {
  const shares = new Map<number, number>();
  for (let i = paths.start[path]!; i < paths.start[path + 1]!; i++) {
    const l = paths.link[i]!;
    shares.set(l, (shares.get(l) ?? 0) + (paths.share?.[i] ?? 1));
  }
  return shares;
}

function phasesOf({ phases }: FluidSystem) {
  if (phases === null) return [phase(0, [])];
  return Array.from({ length: phases.count }, (_, p) =>
    phase(phases.delay[p]!, Array.from(phases.after.subarray(phases.start[p]!, phases.start[p + 1]!))),
  );
}

function phase(delay: number, after: readonly number[]) {
  return { delay, after, begin: Number.POSITIVE_INFINITY, finish: Number.POSITIVE_INFINITY };
}
