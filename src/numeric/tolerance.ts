/**
 * Named tolerances. HAIR is a relative difference that only rounding makes: sums of 10^5 doubles in any order agree to
 * about 10^-11, and nothing physical is known to 10^-9.
 *
 * INSTANT is a thousandth of it: of two times or rates that differ by less, part of the time gone by or of the rate,
 * only rounding says which is first, and the fluid engine takes them as one.
 */
export const HAIR = 1e-9;
export const INSTANT = 1e-12;
