export interface Row {
  readonly step: number;
  readonly time: number;
  readonly loss: number;
  readonly norm: number;
  readonly seconds: number;
}
export interface Truth {
  readonly kind: string;
  readonly series: string;
  readonly step: number;
  readonly endStep: number;
}
export interface PutIn {
  readonly kind: string;
  readonly step: number;
  readonly length?: number;
  readonly height?: number;
  readonly norm?: number;
  readonly slope?: number;
  readonly factor?: number;
  readonly seconds?: number;
  readonly back?: number;
  readonly down?: number;
}
export interface RunOptions {
  readonly seed: number;
  readonly steps: number;
  readonly events?: readonly PutIn[];
  readonly stepSeconds?: number;
  readonly start?: number;
  readonly lossNoise?: number;
  readonly normNoise?: number;
  readonly speedNoise?: number;
}
export interface Random {
  uniform(): number;
  normal(): number;
  between(low: number, high: number): number;
  whole(low: number, high: number): number;
}
export function random(seed: number): Random;
export function syntheticRun(options: RunOptions): { rows: Row[]; truth: Truth[] };
export function randomEvents(seed: number, steps: number): PutIn[];
export function asCsv(rows: readonly Row[]): string;
export function asJsonl(rows: readonly Row[], tokensPerStep?: number): string;
export function asMegatron(rows: readonly Row[], total: number): string;
export function asTensorboard(rows: readonly Row[]): Uint8Array;
export function exampleLogs(): Record<string, string>;
