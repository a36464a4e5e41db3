import { type ExpertChoice, expertWeights } from '../traffic/experts.ts';

/**
 * Tokens of the busiest of `ranks` expert ranks over the mean, by popularity alone, averaged over pipeline stages, whose
 * layers have orders of their own. An expert is chosen in proportion to its weight, but at most once a token. 1 where
 * experts are equally popular. O(stages * experts).
 */
export function expertSkew(choice: ExpertChoice, ranks: number, stages: number): number {
  if (choice.popularity.kind === 'uniform' || ranks === 1) return 1;
  const each = choice.routed / ranks;
  let sum = 0;
  for (let stage = 0; stage < stages; stage++) {
    const chosen = inclusion(expertWeights(choice, stage), choice.active);
    let most = 0;
    for (let r = 0; r < ranks; r++) {
      let load = 0;
      for (let e = r * each; e < (r + 1) * each; e++) load += chosen[e]!;
      most = Math.max(most, load);
    }
    sum += (most * ranks) / choice.active;
  }
  return sum / stages;
}

/** Shares of tokens that choose each expert: in proportion, none above 1, `active` together. */
function inclusion(weights: Float64Array, active: number): Float64Array {
  const chosen = new Float64Array(weights.length);
  let left = active;
  let open = weights.reduce((a, b) => a + b, 0);
  // Those above 1 are filled first; at most one round an expert.
  for (let filled = true; filled && open > 0; ) {
    filled = false;
    const scale = left / open;
    for (let e = 0; e < weights.length; e++) {
      if (chosen[e] === 1 || weights[e]! * scale < 1) continue;
      chosen[e] = 1;
      left -= 1;
      open -= weights[e]!;
      filled = true;
    }
  }
  for (let e = 0; e < weights.length; e++) {
    if (chosen[e] !== 1 && open > 0) chosen[e] = (weights[e]! * left) / open;
  }
  return chosen;
}
