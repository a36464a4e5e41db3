/** Colours of the heat maps: empty is paper, full stands out; lightness alone tells them apart. */

type Colour = readonly [number, number, number];

const LIGHT: readonly Colour[] = [
  [240, 241, 243],
  [253, 212, 158],
  [252, 141, 89],
  [200, 40, 28],
  [84, 0, 12],
];
const DARK: readonly Colour[] = [
  [38, 42, 50],
  [86, 40, 110],
  [178, 58, 96],
  [246, 140, 60],
  [252, 250, 190],
];
const STEPS = 256;

/** ABGR words of a ramp, as image data in memory has them. */
export function rampOf(dark: boolean): Uint32Array {
  const stops = dark ? DARK : LIGHT;
  return Uint32Array.from({ length: STEPS }, (_, i) => {
    const at = (i / (STEPS - 1)) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(at));
    const [r, g, b] = stops[low]!.map((c, k) => Math.round(c + (stops[low + 1]![k]! - c) * (at - low)));
    return ((255 << 24) | (b! << 16) | (g! << 8) | r!) >>> 0;
  });
}

/** Which step of a ramp a value takes, on a linear or a logarithmic scale between two ends. */
export function stepOf(value: number, low: number, high: number, log: boolean): number {
  if (!(value > 0) || !(high > 0)) return 0;
  const share = log ? (high > low ? Math.log(value / low) / Math.log(high / low) : 1) : value / high;
  return Math.max(log ? 1 : 0, Math.min(STEPS - 1, Math.round(share * (STEPS - 1))));
}
