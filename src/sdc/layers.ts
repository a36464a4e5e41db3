import { exp, log } from '../numeric/elementary.ts';
import type { Numbers } from './types.ts';

const EPSILON = 1e-5; // literal: the usual guard of a root-mean-square norm

/** y = gain x / rms(x), token by token. */
export function normalise(y: Numbers, x: Numbers, w: Numbers, gain: number, n: number, d: number): void {
  for (let t = 0; t < n; t++) {
    let squares = 0;
    for (let j = 0; j < d; j++) squares += x[t * d + j]! * x[t * d + j]!;
    const inverse = 1 / Math.sqrt(squares / d + EPSILON);
    for (let j = 0; j < d; j++) y[t * d + j] = x[t * d + j]! * inverse * w[gain + j]!;
  }
}

/** Adds the gain's gradient to `g`, and writes that of x. */
export function normaliseGradient(
  dx: Numbers,
  dy: Numbers,
  x: Numbers,
  w: Numbers,
  g: Numbers,
  gain: number,
  n: number,
  d: number,
): void {
  for (let t = 0; t < n; t++) {
    let squares = 0;
    for (let j = 0; j < d; j++) squares += x[t * d + j]! * x[t * d + j]!;
    const inverse = 1 / Math.sqrt(squares / d + EPSILON);
    let dot = 0;
    for (let j = 0; j < d; j++) dot += dy[t * d + j]! * w[gain + j]! * x[t * d + j]!;
    const back = (dot * inverse * inverse * inverse) / d;
    for (let j = 0; j < d; j++) {
      const i = t * d + j;
      dx[i] = dy[i]! * w[gain + j]! * inverse - x[i]! * back;
      g[gain + j] = g[gain + j]! + dy[i]! * x[i]! * inverse;
    }
  }
}

/** Mean over tokens of log sum exp(logits) - logit of the target. */
export function crossEntropy(logits: Numbers, targets: Int32Array, n: number, v: number): number {
  let loss = 0;
  for (let t = 0; t < n; t++) {
    let most = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < v; j++) if (!(logits[t * v + j]! <= most)) most = logits[t * v + j]!;
    let total = 0;
    for (let j = 0; j < v; j++) total += exp(logits[t * v + j]! - most);
    loss += log(total) + most - logits[t * v + targets[t]!]!;
  }
  return loss / n;
}

/** Gradient of `share` times the mean cross entropy. */
export function softmaxGradient(
  d: Numbers,
  logits: Numbers,
  targets: Int32Array,
  n: number,
  v: number,
  share: number,
): void {
  for (let t = 0; t < n; t++) {
    let most = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < v; j++) if (!(logits[t * v + j]! <= most)) most = logits[t * v + j]!;
    let total = 0;
    for (let j = 0; j < v; j++) total += exp(logits[t * v + j]! - most);
    for (let j = 0; j < v; j++) {
      const p = exp(logits[t * v + j]! - most) / total;
      d[t * v + j] = ((p - (targets[t] === j ? 1 : 0)) * share) / n;
    }
  }
}
