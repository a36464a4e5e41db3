import type { Context } from '../base/context.ts';
import { issue } from '../base/issue.ts';
import { InputError } from '../base/result.ts';
import { writeRoutesJson } from '../formats/routes-json.ts';
import { serialise } from '../numeric/serialise.ts';
import { pinFlows, type RouteInput } from '../plan/route-job.ts';
import { flowJson, flowSection } from '../report/backups.ts';
import { draw } from './draw.ts';
import { expectValue } from './fabric-input.ts';
import { writeFile } from './output.ts';
import { isJson } from './route-output.ts';

export interface FlowOutput {
  readonly out?: string;
  readonly json?: boolean;
}

/** `route --flow-based`: a path for each flow, over tables for the rest. */
export function routeFlows(input: RouteInput, { out, json }: FlowOutput, context: Context): void {
  const { fabric } = input;
  if (out !== undefined && out !== '-' && !isJson(out))
    throw new InputError([
      issue({
        code: 'no-such-text',
        message: 'pinned paths have no text of OpenSM',
        found: `--out ${out}`,
        hint: 'give a name that ends in .json',
      }),
    ]);
  const result = pinFlows(input, context);
  if (out !== undefined) expectValue(writeFile(out, writeRoutesJson(fabric, result.routing.routes)));
  if (out === '-') return;
  if (json) process.stdout.write(`${serialise(flowJson(result), 2)}\n`);
  else draw(`Routed: ${fabric.name}`, [flowSection(result)]);
}
