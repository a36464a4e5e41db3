import { ensure } from '../base/result.ts';
import type { Catalog, Model } from '../catalog/types.ts';
import type { Precision } from '../spec/types.ts';
import { job, megatron } from './trials.ts';
import type { Trial } from './types.ts';

type Row = readonly [
  gpus: number,
  batch: number,
  microbatch: number,
  tensor: number,
  pipeline: number,
  expert: number,
  chunks: number,
  tokens: number,
];

/**
 * Mixtures of experts as NeMo trains them, held out: names are model.machine.precision.container, 'graph' where tokens are
 * dropped, so that shapes stand still and graphs launch the kernels. No multi-token prediction but where 'mtp' is said.
 */
export function mixtureTrials(catalog: Catalog): Trial[] {
  const { rows, sequence } = catalog.published('MIXTURE').value as {
    readonly rows: Readonly<Record<string, Row>>;
    readonly sequence: number;
  };
  return Object.entries(rows).map(([name, row]) => {
    const [gpus, batch, microbatch, tensor, pipeline, expert, chunks, tokens] = row;
    const [id, machine, precision, , ...more] = name.split('/') as string[];
    const whole: Model = ensure(catalog.find('model', id!), id!);
    return {
      id: `MIXTURE.${name.replaceAll('/', '.')}`,
      node: `hgx-${machine}`,
      model: more.includes('mtp') ? whole : { ...whole, mtp: 0 },
      seconds: (batch * sequence) / (tokens * gpus),
      ...job(
        {
          sequence,
          batch,
          microbatch,
          precision: precision as Precision,
          ...(more.includes('selective') && { recompute: 'selective' }),
          ...(more.includes('graph') && { launch: 'graph' }),
        },
        megatron(gpus, { tensor, pipeline, expert }, chunks),
      ),
    };
  });
}
