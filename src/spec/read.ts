import type { Issue, IssueInput } from '../base/issue.ts';
import { hasErrors, issue } from '../base/issue.ts';
import type { Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';
import type { Catalog } from '../catalog/types.ts';
import { checkSpec } from './checks.ts';
import type { SourceDocument } from './document.ts';
import { readDocument } from './document.ts';
import { parseExpectation } from './expect.ts';
import { checkForm } from './form.ts';
import type { Draft } from './resolve.ts';
import { resolveSpec } from './resolve.ts';
import type { SpecFiles } from './resolver.ts';
import { Resolver } from './resolver.ts';
import type { Expectation, Spec } from './types.ts';

export type { SpecFiles } from './resolver.ts';

/** More help nobody: the rest is counted. */
const MOST_ISSUES = 50;

/**
 * A spec from YAML text: checked in form and in sense, catalog names looked up, units in SI, defaults filled in and
 * listed. `file` is for messages; files that the spec names are read through `files`. Every error is returned at
 * once, in the order of the file, with its line and column; an accepted spec may carry warnings.
 */
export function readSpec(
  text: string,
  file: string,
  files: SpecFiles,
  catalog: Catalog,
  overrides: { readonly seed?: number } = {},
): Result<Spec> {
  const document = readDocument(text, file);
  if (!('data' in document)) return fail(bounded(document));
  if (document.data === null || document.data === undefined) {
    return fail([
      issue({
        code: 'empty',
        file,
        line: 1,
        column: 1,
        message: 'the spec is empty',
        hint: 'init writes one to start from',
      }),
    ]);
  }
  const form = checkForm(document);
  const issues = [...form.issues];
  const report = (input: IssueInput) => {
    if (issues.length < 10 * MOST_ISSUES) issues.push(document.at(input));
  };
  // One mistake, one message: what the form has already refused is not looked up again.
  const reportSound = (input: IssueInput) => {
    if (!form.faulty((input.path ?? []).join('.'))) report(input);
  };
  const resolver = new Resolver(catalog, files, reportSound);
  const draft = resolveSpec(form.raw, resolver, overrides);
  const expect = readExpectations(form.raw.expect ?? [], document, issues);
  // A name that was not found leaves undefined in the draft, which the checks pass over.
  checkSpec(draft, report, form.faulty);
  const sorted = bounded(issues);
  const spec = complete(draft, expect, resolver);
  return hasErrors(issues) || spec === undefined ? fail(sorted) : ok(spec, sorted);
}

/**
 * Gives issues of later stages (a network that cannot be sized, an expectation of an absent section) the place in
 * the spec that their path points to. Issues that name a file keep it.
 */
export function placeIssues(issues: readonly Issue[], text: string, file: string): readonly Issue[] {
  if (issues.length === 0) return issues;
  const document = readDocument(text, file);
  return 'data' in document ? issues.map((i) => (i.file === undefined ? document.at(i) : i)) : issues;
}

function readExpectations(
  texts: readonly string[],
  document: SourceDocument,
  issues: Issue[],
): Expectation[] {
  return texts.flatMap((text, i) => {
    const path = ['expect', i];
    const parsed = parseExpectation(text);
    if (!parsed.ok) {
      issues.push(document.at({ ...parsed.problem, path }));
      return [];
    }
    const { line, column } = document.at({ code: '', message: '', path });
    return [
      {
        ...parsed.value,
        ...(line === undefined ? {} : { line }),
        ...(column === undefined ? {} : { column }),
      },
    ];
  });
}

function complete(draft: Draft, expect: readonly Expectation[], resolver: Resolver): Spec | undefined {
  const { model, cluster, reliability, ...rest } = draft;
  const { node, gpu, gpus, network, placement } = cluster;
  if (model === undefined || node === undefined || gpu === undefined || gpus === undefined) return undefined;
  if (reliability === undefined) return undefined;
  return {
    ...rest,
    model,
    cluster: { node, gpu, gpus, network, placement },
    reliability,
    expect,
    defaults: resolver.defaults,
  };
}

function bounded(issues: readonly Issue[]): Issue[] {
  const sorted = [...issues].sort(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
  const shown = sorted.slice(0, MOST_ISSUES).map(trimmed);
  const more = sorted.length - shown.length;
  if (more > 0) shown.push(issue({ code: 'more', ...fileOf(sorted), message: `and ${more} more of these` }));
  return shown;
}

function fileOf(issues: readonly Issue[]): { file?: string } {
  const file = issues[0]?.file;
  return file === undefined ? {} : { file };
}

/** Bounds what hostile input can put into a message. */
function trimmed(i: Issue): Issue {
  const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most)}...` : text);
  const path = i.path.slice(0, 12).map((p) => (typeof p === 'string' ? cut(p, 60) : p));
  return {
    ...i,
    path,
    message: cut(i.message, 500),
    ...(i.found === undefined ? {} : { found: cut(i.found, 100) }),
  };
}
