import type { Issue } from '../base/issue.ts';
import { ok, type Result } from '../base/result.ts';
import type { Fabric, FlowSchedule } from '../fabric/types.ts';
import { readHtsimCm } from '../formats/htsim-cm.ts';
import { readMatrixLines } from '../formats/matrix-csv.ts';
import { parseJobs } from '../simulate/request.ts';
import {
  betweenNics,
  joinJobs,
  type LoadedJob,
  type LoadedStep,
  patternSchedule,
} from '../simulate/workload.ts';
import type { TrafficRequest } from '../traffic/types.ts';
import type { DemandOptions } from './fabric-job.ts';

/** Bytes of a flow of a pattern when none are given. */
const USUAL_SIZE = 2_000_000;

export interface ScheduleOptions extends Pick<DemandOptions, 'seed' | 'open'> {
  /** Bytes of a flow: of patterns, and of a connection matrix instead of its own; left out: 2 MB, its own. */
  readonly size?: number | undefined;
}

/** What a text of the simulation's traffic vocabulary names, as one schedule; issues of its words, then of its files. */
export async function trafficSchedule(
  text: string,
  fabric: Fabric,
  options: ScheduleOptions,
): Promise<Result<FlowSchedule>> {
  const jobs = parseJobs(text);
  if (!jobs.ok) return jobs;
  const loaded: LoadedJob[] = [];
  const warnings: Issue[] = [];
  for (const { label, steps } of jobs.value) {
    const all: LoadedStep[] = [];
    for (const step of steps) {
      if (step.kind === 'compute') {
        all.push(step);
        continue;
      }
      const schedule = await scheduleOf(step.request, fabric, options);
      if (!schedule.ok) return schedule;
      warnings.push(...schedule.issues);
      all.push({ kind: 'flows', times: step.times, schedule: schedule.value });
    }
    loaded.push({ label, steps: all });
  }
  const joined = joinJobs(loaded);
  return joined.ok ? ok(joined.value, warnings) : joined;
}

async function scheduleOf(
  request: TrafficRequest,
  fabric: Fabric,
  { size, seed, open }: ScheduleOptions,
): Promise<Result<FlowSchedule>> {
  if (request.kind === 'pattern')
    return patternSchedule(fabric, request.spec, size ?? USUAL_SIZE, seed, request.label);
  const { chunks, label } = open(request);
  if (request.kind === 'flows') return readHtsimCm(chunks, label, fabric, { size: size ?? null });
  const read = await readMatrixLines(chunks, label, fabric, { strict: true });
  return read.ok ? ok(betweenNics(fabric, read.value.flows, read.value.lines), read.issues) : read;
}
