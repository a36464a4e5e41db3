/**
 * Named tolerances. HAIR is a relative difference that only rounding makes: sums of 10^5 doubles in any order agree to
 * about 10^-11, and nothing physical is known to 10^-9.
 */
export const HAIR = 1e-9;
