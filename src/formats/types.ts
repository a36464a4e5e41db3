import type { Result } from '../base/result.ts';

/** Bytes as they come: from a file, a request, a page's drop, or memory. */
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** One format that can be read. Readers know no file system; `label` only names the input in issues. */
export interface Reader<T> {
  /** Short name, such as 'ibnetdiscover'; shown when nothing recognises an input. */
  readonly name: string;
  /** True when the first bytes (at most HEAD_BYTES, already gunzipped) look like this format. */
  sniff(head: Uint8Array): boolean;
  /** Reads to the end; all issues at once, with lines where the format has lines. */
  read(chunks: Chunks, label: string): Promise<Result<T>>;
}

/** Bytes that `sniff` is shown. */
export const HEAD_BYTES = 4096;

/** One run of NVIDIA's nccl-tests: what a collective took, by the size of the message. */
export interface NcclTests {
  /** 'sum', 'prod', ...: an all-reduce or reduce-scatter; null where nothing is reduced. */
  readonly reduction: string | null;
  readonly ranks: number;
  /** Hosts that the ranks are on. */
  readonly nodes: number;
  /** Rising sizes: bytes, seconds out of place, bus bandwidth in bytes/s. */
  readonly rows: readonly { readonly bytes: number; readonly seconds: number; readonly busRate: number }[];
}

/** One measured kernel of a GPU, or a whole layer; seconds of one call. */
export type KernelRow =
  | { readonly kind: 'pause'; readonly seconds: number }
  | { readonly kind: 'stream'; readonly bytes: number; readonly seconds: number }
  | (Product & { readonly kind: 'product'; readonly precision: 'bf16' | 'fp8' })
  | (Product & { readonly kind: 'grouped'; readonly groups: number })
  | MeasuredAttention
  | MeasuredLayer;

/** C[m, n] = A[m, k] B[k, n]. */
interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly seconds: number;
}

/** Causal attention of `batch` sequences and `heads` heads; `dim` of queries and keys, `value` of values. */
export interface MeasuredAttention {
  readonly kind: 'attention';
  readonly kernel: string;
  readonly pass: 'forward' | 'backward';
  readonly batch: number;
  readonly heads: number;
  readonly sequence: number;
  readonly dim: number;
  readonly value: number;
  readonly seconds: number;
}

/** A gated layer with fused attention in BF16: seconds of its forward pass, and of both passes. */
export interface MeasuredLayer {
  readonly kind: 'layer';
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly intermediate: number;
  readonly sequence: number;
  readonly microbatch: number;
  readonly forward: number;
  readonly both: number;
}
