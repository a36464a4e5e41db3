import type { Catalog, Efficiency } from '../catalog/types.ts';
import { set } from '../plan/change.ts';
import type { Change } from '../plan/types.ts';
import type { Spec } from '../spec/types.ts';
import type { ScalePath } from './types.ts';

/** One point to try: what to change in the spec for it. */
export interface Candidate {
  readonly label: string;
  readonly factor: number;
  readonly gpus: number;
  readonly changes: readonly Change[];
  /** The best split of the job for this point, or the best one of the base. */
  readonly split: 'best' | 'base';
  /** Kernels so many times as near their peaks; 1 when absent. */
  readonly kernels?: number;
}

export interface CandidatePath extends Pick<ScalePath, 'id' | 'title'> {
  /** By rising factor; the base, of factor 1, is among them. */
  readonly candidates: readonly Candidate[];
}

/** A quarter to eight times the machines: enough to see both ends of most curves. */
const OUT = [1 / 4, 1 / 2, 1, 2, 4, 8];
/** Beyond so many GPUs one plan takes seconds; what happens there is the fit's to say. */
const MOST_GPUS = 16_384;

/**
 * More or fewer machines at the same global batch: what is learned stays the same, so the runs compare. The network is
 * designed again for each size, of three layers where two do not hold it.
 */
export function pathOut(spec: Spec): CandidatePath {
  const { gpus, node } = spec.cluster;
  const candidates = OUT.flatMap((factor): Candidate[] => {
    const size = gpus * factor;
    if (!Number.isInteger(size / node.gpus) || (factor > 1 && size > MOST_GPUS)) return [];
    const changes = factor === 1 ? [] : [set(['cluster', 'gpus'], size), ...layersFor(spec, factor)];
    return [{ label: `${size} GPUs`, factor, gpus: size, changes, split: 'best' }];
  });
  return { id: 'out', title: 'more machines', candidates };
}

function layersFor({ cluster: { network } }: Spec, factor: number): Change[] {
  if (network.kind !== 'generated' || factor <= 1) return [];
  return [set(['cluster', 'network', 'layers'], 'auto')];
}

/** Every way to make one machine better, the number of GPUs held. */
export function pathsUp(spec: Spec, catalog: Catalog): CandidatePath[] {
  return [gpuPath(spec, catalog), domainPath(spec), memoryPath(spec), kernelPath(spec)];
}

/** Servers of the catalog with faster GPUs and as many GPUs a server, slowest first. */
function gpuPath({ cluster }: Spec, catalog: Catalog): CandidatePath {
  const { node, gpu, gpus } = cluster;
  const better = catalog
    .ids('node')
    .map((id) => catalog.find('node', id)!)
    .filter((n) => n.gpus === node.gpus && n.id !== node.id)
    .map((n) => ({ node: n, gpu: catalog.find('gpu', n.gpu)! }))
    .filter((n) => n.gpu.peak.bf16 >= gpu.peak.bf16 && n.gpu.memoryRate >= gpu.memoryRate)
    .sort(
      (a, b) =>
        a.gpu.peak.bf16 - b.gpu.peak.bf16 ||
        a.gpu.memoryRate - b.gpu.memoryRate ||
        (a.node.id < b.node.id ? -1 : 1),
    );
  return {
    id: 'gpu',
    title: 'a better GPU and its server',
    candidates: [
      { label: gpu.name, factor: 1, gpus, changes: [], split: 'base' },
      ...better.map((b) => ({
        label: b.node.name,
        factor: b.gpu.peak.bf16 / gpu.peak.bf16,
        gpus,
        changes: [
          set(['cluster', 'node'], b.node),
          set(['cluster', 'gpu'], b.gpu),
          set(['facility', 'gpuHour'], null),
          set(['facility', 'gpuPrice'], null),
        ],
        split: 'best' as const,
      })),
    ],
  };
}

/** The same GPUs and NICs in larger NVLink domains, up to the job itself. */
function domainPath({ cluster: { node, gpus } }: Spec): CandidatePath {
  const candidates = [1, 2, 4, 8]
    .filter((factor) => gpus % (node.gpus * factor) === 0)
    .map((factor): Candidate => {
      const larger = { ...node, gpus: node.gpus * factor, nics: node.nics * factor };
      const label = `NVLink domains of ${larger.gpus}`;
      const changes = factor === 1 ? [] : [set(['cluster', 'node'], larger)];
      return { label, factor, gpus, changes, split: 'base' };
    });
  return { id: 'domain', title: 'a larger NVLink domain', candidates };
}

function memoryPath({ cluster: { gpu, gpus } }: Spec): CandidatePath {
  const candidates = [1, 2, 4].map((factor): Candidate => {
    const faster = { ...gpu, memoryRate: gpu.memoryRate * factor };
    return {
      label: factor === 1 ? 'memory as it is' : `${factor} times the memory's rate`,
      factor,
      gpus,
      changes: factor === 1 ? [] : [set(['cluster', 'gpu'], faster)],
      split: 'base',
    };
  });
  return { id: 'memory', title: 'faster memory', candidates };
}

/** The share of their peaks that kernels reach, up to all of it. */
function kernelPath({ cluster: { gpus } }: Spec): CandidatePath {
  const candidates = [1, 1.25, 1.5].map(
    (factor): Candidate => ({
      label:
        factor === 1
          ? 'kernels as they are'
          : `kernels ${Math.round((factor - 1) * 100)} % nearer their peaks`,
      factor,
      gpus,
      changes: [],
      split: 'base',
      kernels: factor,
    }),
  );
  return { id: 'kernels', title: 'deeper optimisation of one node', candidates };
}

/** The catalog with the GPU's kernels so many times as near their peaks; a kernel's share is at most 1 (step/kernels.ts). */
export function withBetterKernels(catalog: Catalog, factor: number): Catalog {
  return {
    ...catalog,
    find(kind, id) {
      const entry = catalog.find(kind, id);
      if (kind !== 'efficiency' || entry === undefined) return entry;
      const { scale, ...rest } = entry as Efficiency;
      const { gemm, attention, memory } = scale;
      const better = { gemm: gemm * factor, attention: attention * factor, memory: memory * factor };
      return { ...rest, scale: better } as typeof entry;
    },
    track: (used) => withBetterKernels(catalog.track(used), factor),
  };
}
