import type { DualPipeInput } from './dualpipe.ts';
import type { PipelineInput, PipelineTimes } from './pipeline.ts';

/**
 * Times of schedules without simulating them: the longest of the paths that are known to bind. Microbatch 0 passes all
 * ranks and comes back; a rank works without a pause from its first pass or from its first gradient on, or the round
 * trips to the last rank follow each other, with as many microbatches under way as 1F1B allows (ranks - rank). Within
 * a few per cent of the simulation (closed.test.ts) at a hundredth of its cost, for searches. O(ranks * chunks).
 */
export function closedTimes(input: PipelineInput): PipelineTimes {
  const { ranks, chunks, microbatches: m, schedule, send, blocking } = input;
  const busy = new Float64Array(ranks);
  // One chunk of every rank there and back, with the sends between; of the ranks before this one.
  let through = 2 * (ranks - 1) * send;
  for (let r = 0; r < ranks; r++) through += passOf(input, r * chunks);
  let before = 0;
  let trip = through;
  let seconds = 0;
  for (let r = 0; r < ranks; r++) {
    let forward = 0;
    let backward = 0;
    let own = 0;
    for (let c = 0; c < chunks; c++) {
      const slot = r * chunks + c;
      forward += input.forward[slot]!;
      backward += input.backward[slot]! + input.weight[slot]!;
      own += input.forward[slot]! + input.backward[slot]! + input.weight[slot]!;
    }
    busy[r] = m * own;
    if (blocking) {
      forward += r < ranks - 1 ? chunks * send : 0;
      backward += r > 0 ? chunks * send : 0;
    }
    const ahead = schedule === 'gpipe' ? m : Math.min(m, ranks - r);
    // The rank never pauses once microbatch 0 is there; or it waits for its first gradient and then never pauses.
    const work = before + m * (forward + backward);
    const first = through + (m - ahead) * forward + (m - 1) * backward;
    seconds = Math.max(seconds, work, chunks > 1 ? 0 : first);
    // Or its microbatches under way come back one round trip after the other.
    if (chunks === 1 && schedule !== 'gpipe') {
      seconds = Math.max(seconds, through + (m / (ranks - r) - 1) * trip);
    }
    const pass = passOf(input, r * chunks);
    before += pass + 2 * send;
    trip -= pass + 2 * send;
  }
  if (schedule === 'gpipe') seconds = Math.max(seconds, allForwardFirst(input));
  return finish(seconds, busy, input);
}

/** GPipe: the forward passes of all microbatches at the pace of the slowest rank, then the backward ones. */
function allForwardFirst({ ranks, microbatches: m, forward, backward, weight, send }: PipelineInput): number {
  let slowF = 0;
  let slowB = 0;
  let through = 2 * (ranks - 1) * send;
  for (let r = 0; r < ranks; r++) {
    const b = backward[r]! + weight[r]!;
    through += forward[r]! + b;
    slowF = Math.max(slowF, forward[r]!);
    slowB = Math.max(slowB, b);
  }
  return through + (m - 1) * (slowF + slowB);
}

function passOf({ forward, backward, weight }: PipelineInput, slot: number): number {
  return forward[slot]! + backward[slot]! + weight[slot]!;
}

/**
 * DualPipe: every rank works through its list (entries in dualpipe.ts counts them); its gaps are those that the paper
 * names, (ranks / 2 - 1) (FB + B - 3 W), of the slowest rank's passes.
 */
export function closedDualPipe(input: DualPipeInput): PipelineTimes {
  const { ranks, microbatches, forward, backward, weight, paired, send } = input;
  const half = ranks / 2;
  const each = Math.floor(microbatches / 2);
  const busy = new Float64Array(ranks);
  const end = new Float64Array(ranks);
  let seconds = 0;
  let gap = 0;
  for (let r = 0; r < ranks; r++) {
    const h = Math.min(r, ranks - 1 - r);
    const alone = Math.min(each, half - h - 1 + ranks) / 2;
    const pairs = 2 * each - 2 * alone;
    const mean = (x: Float64Array): number => (x[2 * r]! + x[2 * r + 1]!) / 2;
    const f = mean(forward);
    const b = mean(backward);
    const w = mean(weight);
    const fb = mean(paired);
    busy[r] = 2 * alone * (f + b + w) + pairs * fb;
    gap = Math.max(gap, (half - 1) * Math.max(0, fb + b + w - 3 * w) + 2 * ranks * send);
    seconds = Math.max(seconds, busy[r]!);
  }
  seconds += gap;
  for (let r = 0; r < ranks; r++) end[r] = seconds;
  return { seconds, end, busy };
}

/** When ranks end: the drain takes the backward passes of the ranks before it. */
function finish(seconds: number, busy: Float64Array, input: PipelineInput): PipelineTimes {
  const { ranks, chunks, backward, weight, send } = input;
  const end = new Float64Array(ranks);
  let at = seconds;
  for (let r = 0; r < ranks; r++) {
    end[r] = at;
    at -= backward[r * chunks]! + weight[r * chunks]! + send;
  }
  return { seconds, end, busy };
}
