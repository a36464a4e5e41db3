import type { FailureComponent } from '../catalog/types.ts';

/** Words of a cause as logs write them, most telling first, and the component they mean. */
const WORDS: readonly (readonly [RegExp, FailureComponent])[] = [
  [/stress test/iu, 'unknown'],
  [/silent|\bsdc\b/iu, 'silent'],
  [/maintenance|\bchange\b|troubleshoot|\btest\b|taken offline|upgrade/iu, 'maintenance'],
  [/\becc\b|\bhbm|row.?remap|gpu memory/iu, 'hbm'],
  [/\bnics?\b|\brnic|\bhcas?\b|\bmlx/iu, 'nic'],
  [/\bgpus?\b|nvidia|\bxid|nvlink|cuda/iu, 'gpu'],
  [/cable|\blinks?\b|optic|transceiver|fibre|fiber/iu, 'link'],
  [/\bswitch|\bspine|\bleaf|\btor\b/iu, 'switch'],
  [/network/iu, 'network'],
  [/power|\bpsu\b|voltage/iu, 'power'],
  [/disk|\bssd|nvme|\braid\b|file ?system|storage|mount|\bfs\b/iu, 'storage'],
  [/software|firmware|kernel|operating system|driver|kubelet|nccl|timeout/iu, 'software'],
  [
    /\bfans?\b|\bcpus?\b|board|memory|dimm|riser|chassis|server down|crash|\bbmc\b|thermal|hardware|\bhost\b/iu,
    'host',
  ],
];

/** The component that a cause of a log means; 'unknown' where its words say nothing. */
export function componentOf(cause: string): FailureComponent {
  return WORDS.find(([words]) => words.test(cause))?.[1] ?? 'unknown';
}
