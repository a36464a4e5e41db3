/** What the job costs and burns. USD, seconds, watts, joules, kilograms of CO2 equivalents. */

/** A sum of money and how far the prices it is made of leave it open. */
export interface Money {
  readonly usd: number;
  readonly low: number;
  readonly high: number;
}

/** The plan's `economy`. */
export interface Economy {
  /** 'rent': GPU hours are all that is paid. 'own': everything else, and no rent. */
  readonly mode: 'rent' | 'own';
  readonly capital: Capital;
  readonly operating: Operating;
  /** Absent without a time of the step. */
  readonly run?: RunCost;
  readonly energy: Energy;
  readonly carbon: Carbon;
  /** The widest first: what the cost would be at either end of each price, all others as they are. */
  readonly sensitivity: readonly Sensitivity[];
  readonly buildOut: readonly BuildStage[];
}

/** What is bought; nothing where everything is rented. */
export interface Capital extends Money {
  readonly perGpu: number;
  readonly parts: readonly CapitalPart[];
}

export interface CapitalPart extends Money {
  readonly id: PartId;
  /** Of what the price is for: GPUs, servers, 400 Gb/s of ports, petabytes, megawatts. */
  readonly count: number;
  /** Written off over so many seconds. */
  readonly life: number;
}

export type PartId =
  | 'gpus'
  | 'servers'
  | 'switches'
  | 'optics'
  | 'cables'
  | 'spares'
  | 'storage'
  | 'building';

/** USD of a day. */
export interface Operating {
  readonly perDay: Money;
  /** USD of an hour in which a GPU has work. */
  readonly perGpuHour: Money;
  readonly parts: readonly OperatingPart[];
}

export interface OperatingPart {
  readonly id: 'rent' | 'amortisation' | 'cost-of-capital' | 'electricity' | 'maintenance' | 'staff';
  readonly perDay: number;
}

/** One training run, failures included where their effect is known. */
export interface RunCost extends Money {
  readonly perToken: number;
  readonly gpuHours: number;
  readonly days: number;
  /** Effective share of the time; 1 where failures are not modelled. */
  readonly ettr: number;
  /** Share of the cost that failures cause, and USD of it. */
  readonly failureShare: number;
  readonly failureUsd: number;
}

/** Power from the chip to the grid while the job trains, W. */
export interface Energy {
  readonly parts: readonly EnergyPart[];
  /** What the machines draw, and what the grid delivers for it. */
  readonly machines: number;
  readonly site: number;
  /** At the grid: every GPU computing; every GPU waiting; the job dead. */
  readonly peak: number;
  readonly trough: number;
  readonly idle: number;
  /** From peak to idle: what a dying or stalling job takes off the grid at once. */
  readonly swing: number;
  readonly pue: number;
  /** Share of the step in which GPUs compute. */
  readonly computing: number;
  readonly cap: number | null;
  readonly withinCap: boolean;
  /** J. */
  readonly perDay: number;
  readonly perRun?: number;
  readonly perToken?: number;
}

export interface EnergyPart {
  readonly id: 'gpus' | 'servers' | 'switches' | 'optics' | 'storage' | 'cooling' | 'distribution';
  readonly watts: number;
}

export interface Carbon {
  readonly grid: string;
  /** kg/J. */
  readonly intensity: number;
  readonly perDay: number;
  readonly perRun?: number;
}

export interface Sensitivity {
  /** A constant of the catalog or a field of the spec's facility. */
  readonly id: string;
  readonly unit: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** USD of the run, or of a day where no run is known, at the low and the high end. */
  readonly usdAtLow: number;
  readonly usdAtHigh: number;
}

/** The cluster after one stage of its build-out, and what the stage adds. */
export interface BuildStage {
  readonly gpus: number;
  readonly servers: number;
  readonly switches: number;
  readonly cables: number;
  readonly site: number;
  /** Bought in this stage, and so far. 0 when renting. */
  readonly usd: number;
  readonly totalUsd: number;
  readonly perDay: number;
  /** At the efficiency of the whole, which smaller clusters exceed rather than miss. */
  readonly tokensPerDay?: number;
}

/** What stands in the building: the counts that prices and watts are for. Rates in bytes/s. */
export interface Plant {
  readonly gpus: number;
  readonly servers: number;
  readonly leaves: number;
  /** Spines and cores: all of them from the first stage on, so that no leaf is cabled twice. */
  readonly upperSwitches: number;
  readonly cables: number;
  /** Ports' rates of all leaves and of all upper switches. */
  readonly leafRate: number;
  readonly upperRate: number;
  /** Rates of all cables to hosts and of all cables between switches. */
  readonly hostCableRate: number;
  readonly switchCableRate: number;
  readonly storageBytes: number;
}
