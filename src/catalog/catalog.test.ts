import { describe, expect, test } from 'vitest';
import { builtin, createCatalog } from './catalog.ts';
import { data } from './generated.ts';
import type { Catalog, Model } from './types.ts';

describe('the built-in catalog', () => {
  const catalog = builtin();

  test('every entry is well-formed and says where it comes from', () => {
    expect(createCatalog(data).issues).toEqual([]);
    for (const kind of [
      'gpu',
      'node',
      'switch',
      'model',
      'fleet',
      'detector',
      'constant',
      'published',
    ] as const) {
      expect(catalog.ids(kind).length).toBeGreaterThan(3);
    }
  });

  test('quantities are SI', () => {
    expect(catalog.find('node', 'hgx-h800')).toMatchObject({
      nicRate: 5e10,
      scaleUpRate: 2e11,
      scaleUpAchievable: 1.6e11,
    });
    expect(catalog.find('gpu', 'h800')).toMatchObject({ memoryBytes: 8e10, peak: { bf16: 9.89e14 } });
    expect(catalog.find('switch', 'quantum-qm8700')?.portRate).toBe(2.5e10);
  });

  test('the latency constants reproduce the published table', () => {
    const published = catalog.published('T5').value as Record<string, Record<string, number>>;
    const latency = (transport: string, switches: number) =>
      (catalog.get(`${transport}.latency.host`).value +
        switches * catalog.get(`${transport}.latency.switch`).value) *
      1e6;
    expect(latency('infiniband', 1)).toBeCloseTo(published['InfiniBand']!['same_leaf_us']!, 9);
    expect(latency('infiniband', 3)).toBeCloseTo(published['InfiniBand']!['cross_leaf_us']!, 9);
    expect(latency('roce', 1)).toBeCloseTo(published['RoCE']!['same_leaf_us']!, 9);
    expect(latency('roce', 3)).toBeCloseTo(published['RoCE']!['cross_leaf_us']!, 9);
  });

  // Total parameters that the sources print, in thousands of millions (MTP modules apart).
  test.each([
    ['deepseek-v3', 671],
    ['deepseek-v2', 236],
    ['kimi-k2', 1026],
    ['llama-3.1-405b', 405.9],
    ['llama-3.1-70b', 70.6],
    ['llama-3.1-8b', 8.03],
    ['gpt-3-175b', 174.6],
    ['megatron-22b', 22.1],
    ['turing-nlg-530b', 529.6],
    ['mixtral-8x7b', 46.7],
    ['mixtral-8x22b', 140.6],
    ['qwen-2.5-72b', 72.7],
    ['qwen-3-235b-a22b', 235],
    ['qwen-3-30b-a3b', 30.5],
  ])('%s has %d G parameters', (id, published) => {
    expect(matrixParameters(catalog.find('model', id)!) / 1e9 / published).toBeCloseTo(1, 2);
  });
});

/** Weights of the matrices only: norms and biases are below a thousandth of these models. */
function matrixParameters(m: Model): number {
  const { heads, kvHeads, headDim } = m.attention;
  const { queryRank = 0, kvRank = 0, ropeDim = 0, valueDim = headDim } = m.attention;
  const attention =
    m.attention.kind === 'mla'
      ? m.hidden * queryRank +
        queryRank * heads * (headDim + ropeDim) +
        m.hidden * (kvRank + ropeDim) +
        kvRank * heads * (headDim + valueDim) +
        heads * valueDim * m.hidden
      : m.hidden * headDim * (2 * heads + 2 * kvHeads);
  const ffn = (width: number) => (m.ffn.kind === 'gated' ? 3 : 2) * m.hidden * width;
  const moeLayers = m.experts === undefined ? 0 : m.layers - m.experts.denseLayers;
  const moe =
    m.experts === undefined
      ? 0
      : (m.experts.routed + m.experts.shared) * ffn(m.experts.intermediate) + m.hidden * m.experts.routed;
  const embeddings = (m.tiedEmbeddings ? 1 : 2) * m.vocabulary * m.hidden + m.positions * m.hidden;
  return (
    m.layers * attention + (m.layers - moeLayers) * ffn(m.ffn.intermediate) + moeLayers * moe + embeddings
  );
}

describe('createCatalog', () => {
  const entry = { id: 'x.y', value: 1, unit: 's', source: 'a book', date: '2024', confidence: 'assumed' };

  test('an overlay replaces entries by id and adds new ones', () => {
    const made = createCatalog(data, { constants: [{ ...entry, id: 'price.switch' }, entry] });
    expect(made.ok && made.value.get('price.switch').value).toBe(1);
    expect(made.ok && made.value.get('x.y').value).toBe(1);
    expect(builtin().get('price.switch').value).toBe(82400);
  });

  test.each([
    ['no provenance', { constants: [{ id: 'x.y', value: 1, unit: 's' }] }, 'source'],
    ['an unknown key', { constants: [{ ...entry, sorce: 1 }] }, 'sorce'],
    ['an id twice', { constants: [entry, entry] }, 'two entries'],
    ['a file of no kind', { gpu: [] }, 'not a file'],
    ['no list', { gpus: {} }, 'list'],
    ['a bare number', { gpus: [{ id: 'g', memoryRate: 3 }] }, 'did you mean'],
    [
      'a node with no such GPU',
      { nodes: [{ ...(data['nodes'] as object[])[0], id: 'n', gpu: 'nope' }] },
      "no GPU 'nope'",
    ],
  ])('refuses %s', (_, overlay, says) => {
    const made = createCatalog(data, overlay);
    expect(made.ok).toBe(false);
    expect(made.issues.map((i) => `${i.path.join('.')} ${i.message}`).join('\n')).toContain(says);
  });

  test('a tracked view records what was read and shares the data', () => {
    const used = new Set<string>();
    const catalog: Catalog = builtin().track(used);
    catalog.get('scale-up.latency');
    catalog.find('node', 'hgx-h800');
    catalog.find('node', 'none');
    expect([...used]).toEqual(['scale-up.latency', 'node/hgx-h800']);
    expect(() => catalog.get('nope')).toThrow("no constant 'nope'");
  });
});
