import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { parseTraffic } from '../traffic/request.ts';
import { nearest } from '../units/nearest.ts';
import { parseQuantity } from '../units/parse.ts';
import type { Failure, JobRequest, JobStep, RoutingRequest } from './types.ts';

/** What `--routing` takes, as its help says it. */
export const ROUTING_VOCABULARY =
  'ecmp[:QUEUE-PAIRS] | modulo | static | adaptive | hybrid:PINS | ideal | LFTS (a file or folder)';

const WORDS = ['ecmp', 'modulo', 'static', 'adaptive', 'hybrid', 'ideal'];
/** Queue pairs of a flow: NCCL opens a few, nobody hundreds. Pins: more than any switch has entries. */
const MOST_QUEUE_PAIRS = 256;
const MOST_PINS = 1_048_576;
const MOST_TIMES = 100_000;

/** Routings between commas, all issues at once: 'unknown-routing', 'routing-twice'. A name with a dot or slash is a file. */
export function parseRoutings(text: string): Result<readonly RoutingRequest[]> {
  const issues: Issue[] = [];
  const requests: RoutingRequest[] = [];
  for (const part of text.split(',').map((p) => p.trim())) {
    const request = parseRouting(part);
    if (request === null) {
      const near = nearest(part.split(':')[0]!, WORDS);
      issues.push(
        issue({
          code: 'unknown-routing',
          message: 'unknown routing',
          found: part === '' ? 'nothing' : part,
          allowed: ROUTING_VOCABULARY,
          ...(near === undefined ? {} : { nearest: near }),
        }),
      );
    } else if (requests.some((r) => r.label === request.label)) {
      issues.push(issue({ code: 'routing-twice', message: 'a routing is named twice', found: part }));
    } else requests.push(request);
  }
  return issues.length > 0 ? fail(issues) : ok(requests);
}

function parseRouting(label: string): RoutingRequest | null {
  const [word, argument, ...rest] = label.split(':');
  const number = argument !== undefined && /^\d{1,7}$/.test(argument) ? Number(argument) : null;
  if (rest.length === 0) {
    if (argument === undefined) {
      if (word === 'ecmp') return { label, kind: 'ecmp', queuePairs: 1 };
      if (word === 'static' || word === 'modulo' || word === 'adaptive' || word === 'ideal')
        return { label, kind: word };
    }
    if (word === 'ecmp' && number !== null && number >= 1 && number <= MOST_QUEUE_PAIRS)
      return { label, kind: 'ecmp', queuePairs: number };
    if (word === 'hybrid' && number !== null && number <= MOST_PINS)
      return { label, kind: 'hybrid', pins: number };
  }
  if (!/[./\\]/.test(label)) return null;
  // Results hold no paths.
  return { label: label.split(/[/\\]/).findLast((p) => p !== '') ?? label, kind: 'file', file: label };
}

/**
 * `--traffic` of a simulation: jobs between commas run side by side; steps of a job between '>' run one after the
 * other, 'COUNTx' in front repeats one, and a time is a computation ('14xshift:1', 'dispatch.csv>200us>combine.csv').
 */
export function parseJobs(text: string): Result<readonly JobRequest[]> {
  const issues: Issue[] = [];
  const jobs: JobRequest[] = [];
  for (const label of text.split(',').map((p) => p.trim())) {
    const steps: JobStep[] = [];
    for (const part of label.split('>').map((p) => p.trim())) {
      const step = parseStep(part);
      if (step.ok) steps.push(step.value);
      else issues.push(...step.issues);
    }
    if (jobs.some((j) => j.label === label))
      issues.push(issue({ code: 'traffic-twice', message: 'a traffic is named twice', found: label }));
    jobs.push({ label, steps });
  }
  return issues.length > 0 ? fail(issues) : ok(jobs);
}

function parseStep(part: string): Result<JobStep> {
  if (/^[\d.]+\s*[a-zµ]?s$/u.test(part)) {
    const time = parseQuantity(part, 'time');
    if (time.ok) return ok({ kind: 'compute', seconds: time.value });
  }
  const repeated = /^(\d{1,6})x(.+)$/.exec(part);
  const times = repeated === null ? 1 : Number(repeated[1]);
  if (times < 1 || times > MOST_TIMES)
    return fail([
      issue({
        code: 'traffic-times',
        message: 'a step is repeated at least once',
        found: part,
        allowed: `1x to ${MOST_TIMES}x`,
      }),
    ]);
  const requests = parseTraffic(repeated?.[2] ?? part);
  return requests.ok ? ok({ kind: 'traffic', times, request: requests.value[0]! }) : requests;
}

/** `--fail`: parts as --without names them, then @ and a time ('link:leaf0-spine1@3ms'); parts of one moment are one failure. */
export function parseFailures(texts: readonly string[]): Result<readonly Failure[]> {
  const issues: Issue[] = [];
  const byTime = new Map<number, string[]>();
  for (const text of texts) {
    const at = text.lastIndexOf('@');
    const time = at < 0 ? null : parseQuantity(text.slice(at + 1), 'time', 'ms');
    if (time?.ok && time.value >= 0 && at > 0) {
      const parts = byTime.get(time.value) ?? [];
      byTime.set(time.value, [...parts, text.slice(0, at)]);
      continue;
    }
    const why = time === null || time.ok ? {} : { hint: time.problem.hint ?? time.problem.message };
    issues.push(
      issue({
        code: 'unknown-failure',
        message: 'a failure is a part and a time',
        found: text,
        allowed: 'link:A-B@3ms, leaf:NAME@500us, plane:2@1ms',
        ...why,
      }),
    );
  }
  if (issues.length > 0) return fail(issues);
  const times = [...byTime.keys()].sort((a, b) => a - b);
  return ok(times.map((time) => ({ time, parts: byTime.get(time)! })));
}
