/**
 * Data rate of one lane in Gb/s by the name of its speed, after the line code (InfiniBand Architecture
 * Specification, volume 2; the marketing rates 400G for 4xNDR and so on). A vocabulary of the format, not a measurement.
 */
const LANE_GIGABITS: ReadonlyMap<string, number> = new Map([
  ['SDR', 2],
  ['DDR', 4],
  ['QDR', 8],
  ['FDR10', 10],
  ['FDR', 13.64],
  ['EDR', 25],
  ['HDR', 50],
  ['NDR', 100],
  ['XDR', 200],
]);

/** Names of the speeds by the signalling rate that OpenSM's `SPD=` gives, Gb/s a lane. */
const BY_SIGNALLING: ReadonlyMap<string, string> = new Map([
  ['2.5', 'SDR'],
  ['5', 'DDR'],
  ['10', 'QDR'],
  ['14', 'FDR'],
  ['25', 'EDR'],
  ['50', 'HDR'],
  ['100', 'NDR'],
  ['200', 'XDR'],
]);

/** Widths that InfiniBand knows; four lanes, the usual one, is tried first. */
const WIDTHS = [4, 2, 1, 8, 12];

/** Bytes per second of so many lanes of a named speed (4, 'NDR'); null for a name that is none. */
export function rateOfLanes(lanes: number, speed: string): number | null {
  const lane = LANE_GIGABITS.get(speed);
  // literal: from the table's Gb/s to bytes per second
  return lane === undefined ? null : (lanes * lane * 1e9) / 8;
}

/** As rateOfLanes, by signalling rate as OpenSM's subnet list prints it ('25', '2.5'). */
export function rateOfSignalling(lanes: number, signalling: string): number | null {
  const speed = BY_SIGNALLING.get(signalling);
  return speed === undefined ? null : rateOfLanes(lanes, speed);
}

/** '4xNDR' for a rate in bytes per second; the fastest that is not above it, and the slowest there is below all. */
export function speedName(rate: number): { readonly name: string; readonly exact: boolean } {
  let best = { name: '1xSDR', rate: 0 };
  for (const width of WIDTHS) {
    for (const speed of LANE_GIGABITS.keys()) {
      const offered = rateOfLanes(width, speed)!;
      if (offered === rate) return { name: `${width}x${speed}`, exact: true };
      if (offered < rate && offered > best.rate) best = { name: `${width}x${speed}`, rate: offered };
    }
  }
  return { name: best.name, exact: false };
}
