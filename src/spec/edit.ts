import { type Document, isMap, isNode, isScalar, type Node, parseDocument } from 'yaml';

/** One value of a spec set, as YAML; the path is created where it is missing. null takes the key out. */
export interface SpecEdit {
  readonly path: readonly string[];
  readonly value: string | number | null;
}

/**
 * The text with values set, comments and layout kept: a value that is there is replaced in its place, a new key of a
 * mapping in braces is put before the closing one. The text must be YAML; it is returned as it is otherwise.
 */
export function editSpec(text: string, edits: readonly SpecEdit[]): string {
  return edits.reduce(editOne, text);
}

function editOne(text: string, { path, value }: SpecEdit): string {
  const document = parseDocument(text, { logLevel: 'silent' });
  if (document.errors.length > 0) return text;
  const found = document.getIn(path, true);
  if (value === null) return found === undefined ? text : takeOut(text, document, path);
  if (isNode(found) && found.range) return splice(text, found.range[0], found.range[1], String(value));
  if (found === undefined) {
    const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
    if (isMap(parent) && parent.flow === true && parent.range) {
      const end = parent.range[1] - 1;
      const comma = parent.items.length > 0 ? ', ' : '';
      return splice(text, end, end, `${comma}${path.at(-1)}: ${value}`);
    }
  }
  document.setIn(path, value);
  return document.toString({ lineWidth: 0 });
}

/** A key of a mapping in braces goes with its comma; elsewhere the document is written again. */
function takeOut(text: string, document: Document, path: readonly string[]): string {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  if (isMap(parent) && parent.flow === true) {
    const at = parent.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === path.at(-1));
    const ends = parent.items.map(({ key, value }) => ({
      from: (key as Node).range![0],
      to: (value as Node).range![1],
    }));
    const own = ends[at]!;
    if (at > 0) return splice(text, ends[at - 1]!.to, own.to, '');
    return splice(text, own.from, ends[1]?.from ?? own.to, '');
  }
  document.deleteIn(path);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function splice(text: string, from: number, to: number, put: string): string {
  return text.slice(0, from) + put + text.slice(to);
}
