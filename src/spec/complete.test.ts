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

  it('takes a key out with its comma', () => {
    const out = (text: string, ...path: string[]) => editSpec(text, [{ path, value: null }]);
    expect(out('a: {b: 1, c: 2, d: 3}   # x\n', 'a', 'c')).toBe('a: {b: 1, d: 3}   # x\n');
    expect(out('a: {b: 1, c: 2}\n', 'a', 'b')).toBe('a: {c: 2}\n');
    expect(out('a: {b: 1}\n', 'a', 'b')).toBe('a: {}\n');
    expect(out('# mine\na:\n  b: 1 # one\n  c: {d: 2}\n', 'a', 'b')).toBe('# mine\na:\n  c: {d: 2}\n');
    expect(out('a: {b: 1}\n', 'a', 'x')).toBe('a: {b: 1}\n');
  });
});

describe('knobs', () => {
  it('are there for all that people vary, with their units', () => {
    const spec = readSpec(PRESETS['deepseek-v3']!, 'spec', noFiles, catalog);
    if (!spec.ok) throw new Error('the preset is a spec');
    const list = new Map(knobs(spec.value, catalog).map((k) => [k.id, k]));
    const wanted = [
      'gpus',
      'planes',
      'layers',
      'oversubscription',
      'expert',
      'precision',
      'mttf',
      'checkpoint',
    ];
    for (const id of wanted) expect(list.get(id)?.stops.length, id).toBeGreaterThan(1);
    // RSC-1: 6.50 failures a thousand node days, eight GPUs a node.
    const mttf = list.get('mttf')!;
    expect(mttf.stops[mttf.at]!.label).toBe('29,538 h');
    expect(mttf.stops.map((s) => s.label)).toContain('50,000 h');
    expect(list.get('oversubscription')!.stops[0]!.label).toBe('1 : 1');
    expect(list.get('storage')!.stops.map((s) => s.label)).toContain('2 TB/s');
  });

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
        // A value of the spec's own is a stop only while it stands there.
        const now = knobs(moved.value, catalog).find((k) => k.id === knob.id)!;
        expect(now.stops[now.at]?.label).toBe(knob.stops[i]!.label);
      }
    }
  });
});
