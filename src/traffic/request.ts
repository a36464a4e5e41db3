import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { nearest } from '../units/nearest.ts';
import { PATTERN_NAMES, parsePattern } from './patterns.ts';
import type { TrafficRequest } from './types.ts';

/** What `--traffic` takes, as its help says it. */
export const TRAFFIC_VOCABULARY = `${PATTERN_NAMES.join(' | ')} | PLAN.json | MATRIX.csv | FLOWS.cm`;

/**
 * The one vocabulary for demand, of every command: patterns and files between commas, each with a priority after a
 * last colon when several share one set of tables ('all-to-all:1,same-rail:2', 'shift:4:2'). Without one it is 1.
 * A file is told by its ending; a name with a comma cannot be written. All issues at once.
 */
export function parseTraffic(text: string): Result<readonly TrafficRequest[]> {
  const issues: Issue[] = [];
  const requests: TrafficRequest[] = [];
  for (const part of text.split(',').map((p) => p.trim())) {
    const request = parseOne(part);
    if (!request.ok) issues.push(...request.issues);
    else if (requests.some((r) => r.label === request.value.label)) {
      issues.push(issue({ code: 'traffic-twice', message: 'a traffic is named twice', found: part }));
    } else requests.push(request.value);
  }
  return issues.length > 0 ? fail(issues) : ok(requests);
}

/** Files are told by their ending. */
const FILES = [
  ['.json', 'plan'],
  ['.csv', 'matrix'],
  ['.cm', 'flows'],
] as const;

function parseOne(part: string): Result<TrafficRequest> {
  const { name, priority } = splitPriority(part);
  if (!(priority > 0 && priority < Number.POSITIVE_INFINITY)) {
    return fail([
      issue({
        code: 'traffic-priority',
        message: 'a priority is a number above 0',
        found: part,
        allowed: 'such as all-to-all:1,same-rail:2',
      }),
    ]);
  }
  const kind = FILES.find(([ending]) => name.toLowerCase().endsWith(ending))?.[1];
  if (kind !== undefined) return ok({ kind, file: name, label: name, priority });
  const spec = parsePattern(name);
  if (spec.ok) return ok({ kind: 'pattern', spec: spec.value, label: name, priority });
  const near = nearest(name.split(':')[0]!, [
    'all-to-all',
    'same-rail',
    'permutation',
    'shift',
    'incast',
    'random',
  ]);
  return fail([
    issue({
      code: 'traffic-pattern',
      message: 'unknown traffic',
      found: part === '' ? 'nothing' : part,
      allowed: TRAFFIC_VOCABULARY,
      ...(near === undefined ? {} : { nearest: near }),
    }),
  ]);
}

/** shift and incast have a number of their own before the priority; a file's name may hold colons. */
function splitPriority(part: string): { name: string; priority: number } {
  const own = /^(shift|incast):/.test(part) ? 2 : 1;
  const colons = part.split(':');
  const file = /^(.*\.(?:json|csv|cm))(?::([^:]*))?$/i.exec(part);
  if (file) return { name: file[1]!, priority: file[2] === undefined ? 1 : Number(file[2] || Number.NaN) };
  if (colons.length <= own) return { name: part, priority: 1 };
  const last = colons.slice(own).join(':');
  return { name: colons.slice(0, own).join(':'), priority: last === '' ? Number.NaN : Number(last) };
}
