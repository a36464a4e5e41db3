import type { Result } from '../../base/result.ts';
import { ok } from '../../base/result.ts';
import type { Model } from '../../catalog/types.ts';
import { modelFromConfig } from '../hugging-face.ts';
import { type ForeignConfig, Gather, type SpecValue } from './gather.ts';

/** A Hugging Face config.json: the model, and nothing of how or on what it is trained. */
export function fromHuggingFace(text: string, file: string): Result<ForeignConfig> {
  const model = modelFromConfig(text, file);
  if (!model.ok) return model;
  const gather = new Gather(file);
  for (const [path, value] of fields(model.value)) gather.take(path, value, '');
  const silent = 'a config.json describes the model only';
  for (const path of ['training.tokens', 'training.sequence', 'training.batch']) gather.lack(path, silent);
  for (const path of ['parallelism', 'cluster.node', 'cluster.gpus']) gather.lack(path, silent);
  return ok(gather.done('Hugging Face config.json'), model.issues);
}

/** The model's fields as a spec writes them. */
function fields(model: Model): [string, SpecValue][] {
  const { id: _, source: _s, date: _d, confidence: _c, ...shape } = model;
  return Object.entries(shape).map(([key, value]) => [`model.${key}`, value as SpecValue]);
}
