import type { Catalog } from '../catalog/types.ts';

/** Bytes an element that a kernel reads and writes. */
export interface PassBytes {
  readonly forward: number;
  readonly backward: number;
}

/** The constants of the room, read once. Bytes are of one element of the kernel's tensor. */
export interface StepConstants {
  readonly norm: PassBytes;
  readonly residual: PassBytes;
  readonly activation: PassBytes;
  readonly gate: PassBytes;
  readonly rotary: PassBytes;
  readonly softmax: PassBytes;
  readonly dropout: PassBytes;
  readonly permute: PassBytes;
  /** One logit of an unfused loss, and of a fused one. */
  readonly logits: PassBytes;
  readonly loss: PassBytes;
  readonly embedding: PassBytes;
  /** Of an input that is turned into a narrow format. */
  readonly coding: number;
  /** Bytes a parameter that the optimizer reads and writes. */
  readonly optimizer: number;
  /** Rows that a grouped product pads an expert's tokens to. */
  readonly tile: number;
  /** Tokens of the busiest expert rank of a microbatch over the mean, where experts are balanced in the long run. */
  readonly imbalance: number;
  /** Seconds that the host takes to launch both passes of a layer, of a layer of experts, and of each expert on a rank. */
  readonly host: { readonly layer: number; readonly experts: number; readonly expert: number };
  /** Share of the GPU that a collective takes from the work it runs beside. */
  readonly contention: number;
  /** Seconds before a collective's first byte, beyond the latency of its rounds. */
  readonly collectiveStart: number;
}

export function stepConstants(catalog: Catalog): StepConstants {
  const get = (id: string): number => catalog.get(`step.${id}`).value;
  const passes = (id: string): PassBytes => ({
    forward: get(`${id}.forward`),
    backward: get(`${id}.backward`),
  });
  return {
    norm: passes('norm'),
    residual: passes('residual'),
    activation: passes('activation'),
    gate: passes('gate'),
    rotary: passes('rotary'),
    softmax: passes('softmax'),
    dropout: passes('dropout'),
    permute: passes('permute'),
    logits: passes('logits'),
    loss: passes('loss'),
    embedding: passes('embedding'),
    coding: get('coding'),
    optimizer: get('optimizer'),
    tile: get('tile'),
    imbalance: get('expert.imbalance'),
    host: { layer: get('host.layer'), experts: get('host.experts'), expert: get('host.expert') },
    contention: get('contention'),
    collectiveStart: get('collective.start'),
  };
}
