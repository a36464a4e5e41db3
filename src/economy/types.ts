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

/** What the eras are told by. */
export type Measure = 'energy' | 'traffic' | 'data-centres' | 'pue';

/** A year and a value. */
export interface YearValue {
  readonly year: number;
  readonly value: number;
}

/** Exponential growth fitted to years: ln(value) = level + rate (year - centre), least squares. */
export interface Trend {
  readonly points: number;
  readonly firstYear: number;
  readonly lastYear: number;
  /** Growth of a year: 0.07 is 7 %. */
  readonly growth: number;
  /** Scatter of ln(value) around the line, and the sum of squared distances of the years; 0 with two points. */
  readonly scatter: number;
  readonly centre: number;
  readonly level: number;
  readonly spread: number;
}

export interface Projection {
  readonly year: number;
  readonly value: number;
  /** Where nine of ten such values would lie, were the growth to go on as it did. */
  readonly low: number;
  readonly high: number;
}

/** One era as the chart has it, and what the measure grew by since the era before (null: the first). */
export interface Era {
  readonly id: string;
  readonly year: number;
  readonly values: Readonly<Record<Measure, number>>;
  readonly growth: Readonly<Record<Measure, number>> | null;
}

export interface SourcedValue extends YearValue {
  readonly source: string;
}

/** A value of the chart beside the sourced one that is nearest in time. */
export interface Comparison {
  readonly era: string;
  readonly measure: Measure;
  readonly chart: number;
  readonly sourced: SourcedValue;
  /** Chart over source. */
  readonly ratio: number;
  readonly agrees: boolean;
  /** What to know about it. */
  readonly remark: string;
}

export interface FittedSeries {
  readonly measure: Measure;
  readonly title: string;
  readonly trend: Trend;
  /** Empty where the trend has two points only. */
  readonly projections: readonly Projection[];
}

/** Where a cluster stands among all data centres. */
export interface ClusterInEras {
  readonly siteWatts: number;
  /** Of all data centres' electricity in 2024. */
  readonly powerShare: number;
  /** PB a day on the network, and with the scale-up links inside servers. */
  readonly networkPerDay: number;
  readonly allPerDay: number;
  /** Clusters like this one that would together move the chart's data of the last era. */
  readonly clustersForChart: number;
  readonly pue: number;
  /** Of the last survey. */
  readonly surveyPue: number;
}

export interface Eras {
  readonly chart: readonly Era[];
  readonly comparisons: readonly Comparison[];
  /** What the chart says of itself that its own numbers do not. */
  readonly arithmetic: readonly string[];
  readonly series: Readonly<Record<string, readonly SourcedValue[]>>;
  readonly fits: readonly FittedSeries[];
  readonly projected: { readonly y2030: number; readonly y2035: number };
  readonly cluster?: ClusterInEras;
}

export interface ClusterLoad {
  readonly siteWatts: number;
  readonly pue: number;
  /** Bytes of a second between servers, and inside them. */
  readonly networkRate: number;
  readonly insideRate: number;
}
