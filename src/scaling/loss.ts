import type { Catalog } from '../catalog/types.ts';
import { pow } from '../numeric/power.ts';

/** L(N, D) = irreducible + A / N^alpha + B / D^beta (Hoffmann et al., arXiv:2203.15556, approach 3). */
export interface LossLaw {
  readonly irreducible: number;
  readonly a: number;
  readonly b: number;
  readonly alpha: number;
  readonly beta: number;
}

/** What a budget of training FLOPs buys at best. Of each estimate the lower and upper end of 90 %. */
export interface ComputeOptimal {
  readonly flops: number;
  readonly parameters: Estimate;
  readonly tokens: Estimate;
  /** Nats a token. */
  readonly loss: Estimate;
}

export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Training FLOPs of a parameter and token: two forward, four backward (Kaplan et al., arXiv:2001.08361). */
const FLOPS = 6;
/** Standard errors on either side that hold 90 % of a normal distribution. */
const NINETY_PERCENT = 1.645;

export function predictLoss(law: LossLaw, parameters: number, tokens: number): number {
  return law.irreducible + law.a / pow(parameters, law.alpha) + law.b / pow(tokens, law.beta);
}

/**
 * The parameters and tokens with the least loss under flops = 6 N D, for a dense model:
 *   N = G (flops / 6)^(beta / (alpha + beta)), G = (alpha A / (beta B))^(1 / (alpha + beta)).
 */
export function optimum(law: LossLaw, flops: number): { parameters: number; tokens: number; loss: number } {
  const { a, b, alpha, beta } = law;
  const pairs = flops / FLOPS;
  const balance = pow((alpha * a) / (beta * b), 1 / (alpha + beta));
  const parameters = balance * pow(pairs, beta / (alpha + beta));
  const tokens = pairs / parameters;
  return { parameters, tokens, loss: predictLoss(law, parameters, tokens) };
}

/**
 * `optimum` under the corrected law of the catalog, with what the fit's standard errors make of it: each of E, alpha and
 * beta is moved by its error, the exponents about the middle of the fitted models (see the catalog's note), and the
 * effects are added in squares. Far outside the fitted models (above some 1e25 FLOP) it is an extrapolation.
 */
export function computeOptimal(flops: number, catalog: Catalog): ComputeOptimal {
  const law = correctedLaw(catalog);
  const best = optimum(law, flops);
  const others = movedLaws(law, catalog).map((moved) => optimum(moved, flops));
  const estimate = (read: (o: typeof best) => number): Estimate => {
    const value = read(best);
    // Sizes scatter by factors, so their errors are added as logarithms; a loss is near its value, so it is one too.
    let squares = 0;
    for (const other of others) {
      const shift = Math.log(read(other) / value);
      squares += shift * shift;
    }
    const factor = Math.exp(NINETY_PERCENT * Math.sqrt(squares));
    return { value, low: value / factor, high: value * factor };
  };
  return {
    flops,
    parameters: estimate((o) => o.parameters),
    tokens: estimate((o) => o.tokens),
    loss: estimate((o) => o.loss),
  };
}

export function correctedLaw(catalog: Catalog): LossLaw {
  return {
    irreducible: catalog.get('scaling.loss.irreducible').value,
    a: catalog.get('scaling.loss.parameters').value,
    b: catalog.get('scaling.loss.tokens').value,
    alpha: catalog.get('scaling.loss.parameters.exponent').value,
    beta: catalog.get('scaling.loss.tokens.exponent').value,
  };
}

/** The law with one coefficient moved by its standard error, three times. */
function movedLaws(law: LossLaw, catalog: Catalog): LossLaw[] {
  const error = catalog.get('scaling.loss.exponent.error').value;
  const parameters = catalog.get('scaling.loss.fitted.parameters').value;
  const tokens = catalog.get('scaling.loss.fitted.tokens').value;
  return [
    { ...law, irreducible: law.irreducible + catalog.get('scaling.loss.irreducible.error').value },
    { ...law, alpha: law.alpha + error, a: law.a * pow(parameters, error) },
    { ...law, beta: law.beta + error, b: law.b * pow(tokens, error) },
  ];
}
