import type { Document, Node, Pair } from 'yaml';
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Issue, IssueInput } from '../base/issue.ts';
import { issue } from '../base/issue.ts';
import { formatBytes } from '../units/format.ts';

/** A YAML file as plain data, with the place of everything in it. */
export interface SourceDocument {
  readonly data: unknown;
  /** Issue with file, line, column and what stood there filled in. `key`: point at the key, not at the value. */
  readonly at: (input: IssueInput & { readonly key?: boolean }) => Issue;
}

/** Room for the longest spec by hand; longer lists go into files of their own. Bounds the work on garbage. */
const LARGEST = 128_000;
const DEEPEST = 50;
/** References to anchors that may be followed before the file counts as an attack. */
const MOST_ALIASES = 100;

type Path = readonly (string | number)[];

/** Reads one YAML document; syntax errors, duplicate keys and oversize come back as issues, never as exceptions. */
export function readDocument(text: string, file: string): SourceDocument | readonly Issue[] {
  if (text.length > LARGEST) {
    const found = formatBytes(text.length);
    return [
      issue({
        code: 'too-large',
        file,
        message: 'the file is too large for a spec',
        found,
        allowed: `at most ${formatBytes(LARGEST)}`,
      }),
    ];
  }
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'error',
    });
    const problems = syntaxIssues(document, file, lines);
    if (problems.length > 0) return problems;
    const at = locator(document, text, file, lines);
    const faults = walk(document.contents, [], 0).map(at);
    return faults.length > 0
      ? faults
      : { data: document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown, at };
  } catch (error) {
    return [unreadable(error, file)];
  }
}

function syntaxIssues(document: Document.Parsed, file: string, lines: LineCounter): Issue[] {
  return document.errors.map((e) => {
    const { line, col } = lines.linePos(e.pos[0]);
    const several = e.code === 'MULTIPLE_DOCS';
    return issue({
      code: 'yaml-syntax',
      file,
      line: Math.max(1, line),
      column: Math.max(1, col),
      message: several
        ? 'there is more than one document in the file'
        : e.message.split('\n')[0]!.slice(0, 200),
      ...(several ? { allowed: 'one document', hint: 'remove everything from the second --- on' } : {}),
    });
  });
}

/** What the parser throws on hostile input: a stack that is too small for the nesting, an anchor bomb, a lost anchor. */
function unreadable(error: unknown, file: string): Issue {
  if (error instanceof RangeError) return tooDeep(file);
  if (error instanceof ReferenceError) {
    return issue({
      code: 'yaml-alias',
      file,
      message: 'the aliases (*name) of the file cannot be followed',
      allowed: `at most ${MOST_ALIASES} uses, each after its anchor`,
    });
  }
  throw error;
}

function tooDeep(file?: string): Issue {
  return issue({
    code: 'too-deep',
    ...(file === undefined ? {} : { file }),
    message: 'the file is nested too deeply',
    allowed: `at most ${DEEPEST} levels`,
  });
}

/** Duplicate keys and nesting that is too deep. Sets, since the parser's own check is quadratic in the keys. */
function walk(node: unknown, path: Path, depth: number): Issue[] {
  if (depth > DEEPEST) return [{ ...tooDeep(), path: path.slice(0, 3) }];
  if (isSeq(node)) return node.items.flatMap((item, i) => walk(item, [...path, i], depth + 1));
  if (!isMap(node)) return [];
  const seen = new Set<string>();
  return node.items.flatMap((pair) => {
    const key = keyOf(pair);
    const inner = walk(pair.value, [...path, key], depth + 1);
    if (seen.has(key))
      inner.push(
        issue({ code: 'duplicate-key', path: [...path, key], message: `'${short(key)}' is there twice` }),
      );
    if (!isScalar(pair.key)) inner.push(issue({ code: 'wrong-type', path, message: 'a key must be a name' }));
    seen.add(key);
    return inner;
  });
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function locator(document: Document.Parsed, text: string, file: string, lines: LineCounter) {
  return ({ key = false, ...input }: IssueInput & { readonly key?: boolean }): Issue => {
    const { node, exact } = find(document, input.path ?? [], key || input.code === 'duplicate-key');
    const range = node?.range;
    if (range === undefined || range === null) return issue({ file, line: 1, column: 1, ...input });
    const { line, col } = lines.linePos(range[0]);
    const found = exact && !key && !isMap(node) && !isSeq(node) ? short(text.slice(range[0], range[1])) : '';
    return issue({
      file,
      line: Math.max(1, line),
      column: Math.max(1, col),
      ...(found === '' ? {} : { found }),
      ...input,
    });
  };
}

interface Found {
  readonly node: Node | null | undefined;
  /** False when the path leads on from here to something that is not written. */
  readonly exact: boolean;
}

/** The node at a path, or the deepest one on the way there; the last of duplicate keys. */
function find(document: Document.Parsed, path: Path, wantKey: boolean): Found {
  let node: Node | null | undefined = document.contents as Node | null;
  // What stands for a mapping in a message is its key: 'cluster:', not its first entry.
  let place: Node | null | undefined = node;
  for (let i = 0; i < path.length; i++) {
    if (isAlias(node)) node = node.resolve(document);
    if (isSeq(node) && typeof path[i] === 'number') {
      place = node = node.items[path[i] as number] as Node | undefined;
    } else if (isMap(node)) {
      const pair: Pair | undefined = node.items.findLast((p) => isPair(p) && keyOf(p) === String(path[i]));
      if (pair === undefined) return { node: place, exact: false };
      const key = pair.key as Node | null;
      const value = pair.value as Node | null;
      if (i === path.length - 1 && wantKey) return { node: key, exact: true };
      node = value;
      place = isMap(value) || value === null ? key : value;
    } else {
      return { node: place, exact: false };
    }
  }
  return { node: place, exact: true };
}

/** One line of at most 60 characters. */
export function short(text: string): string {
  const line = text.trim().split('\n')[0]!;
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
