import { z } from 'zod';
import { specSchema } from './schema.ts';

/**
 * The JSON Schema (draft 7, which editors know) of a spec as written: for completion and a first check of types,
 * names and ranges. Units and what must fit together are checked by readSpec.
 */
export function specJsonSchema(): object {
  return z.toJSONSchema(specSchema, { io: 'input', target: 'draft-7' });
}
