import { describe, expect, it } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import { complete } from './complete.ts';
import { editSpec } from './edit.ts';
import { knobs } from './knobs.ts';
import { PRESETS } from './presets.ts';
import { readSpec } from './read.ts';

const catalog = builtin();
const noFiles = { read: () => ({ ok: false as const, issues: [] }) };

/** Completes at the bar. */
function at(text: string): string[] {
  const offset = text.indexOf('|');
  return complete(text.replace('|', ''), offset, catalog).choices.map((c) => c.text);
}

describe('complete', () => {
  it('offers the keys that a mapping lacks', () => {
    expect(at('model: deepseek-v3\n|')).toContain('cluster');
    expect(at('model: deepseek-v3\n|')).not.toContain('model');
    expect(at('cluster:\n  node: hgx-h800\n  g|')).toEqual(['gpus']);
    expect(at('cluster: {node: hgx-h800, pla|}')).toEqual(['placement']);
    expect(at('cluster:\n  network: {topology: fat-tree, |, layers: 2}')).toContain('planes');
  });

  it('offers what a value may be', () => {
    expect(at('cluster:\n  network: {topology: |}')).toContain('rail-optimized');
    expect(at('cluster: {node: hgx-h8|}')).toContain('hgx-h800');
    expect(at('model: deep|\ncluster: {node: hgx-h800, gpus: 8}')).toContain('deepseek-v3');
    expect(at('parallelism: {order: [tensor, |]}')).toContain('pipeline');
    expect(at('training:\n  precision: |\n')).toContain('fp8');
  });

  it('offers nothing where nothing fits, and never fails', () => {
    expect(at('seed: |')).toEqual([]);
    for (const text of ['|', '{|', '- |', 'a: [|', '"|', '? |', '%|', '&a *a |: |'.replace(/\|$/, '')])
      at(text);
  });
});

describe('editSpec', () => {
  it('keeps comments and layout', () => {
    const text = '# mine\ncluster: {gpus: 32, node: x}   # small\n';
    const set = (path: string[], value: number | string) => editSpec(text, [{ path, value }]);
    expect(set(['cluster', 'gpus'], 64)).toBe('# mine\ncluster: {gpus: 64, node: x}   # small\n');
    expect(set(['cluster', 'placement'], 'auto')).toBe(
      '# mine\ncluster: {gpus: 32, node: x, placement: auto}   # small\n',
    );
    expect(set(['routing', 'hotPaths'], 3)).toContain('# mine');
    expect(editSpec('a: [', [{ path: ['a'], value: 1 }])).toBe('a: [');
  });
});

describe('knobs', () => {
  it.each(Object.keys(PRESETS))('%s: every stop keeps its value and the spec readable', (name) => {
    const text = PRESETS[name]!.replace(/\nexpect:[\s\S]*/, '\n');
    const spec = readSpec(text, name, noFiles, catalog);
    if (!spec.ok) throw new Error(name);
    for (const knob of knobs(spec.value, catalog)) {
      for (const [i, stop] of knob.stops.entries()) {
        const moved = readSpec(editSpec(text, stop.edits), name, noFiles, catalog);
        // Some stops are refused with a reason (fp8 on a GPU without it); none is misread.
        if (!moved.ok) {
          expect(moved.issues.every((issue) => issue.path.length > 0)).toBe(true);
          continue;
        }
        expect(knobs(moved.value, catalog).find((k) => k.id === knob.id)?.at).toBe(i);
      }
    }
  });
});
