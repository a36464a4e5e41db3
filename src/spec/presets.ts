/**
 * The examples: `init` writes them out at length, and examples/ holds them as they stand here (a test keeps the two
 * the same). Each begins with three lines on what it shows.
 */
export const PRESETS: Readonly<Record<string, string>> = {
  'small-32': `# 32 GPUs on sixteen-port switches: every part of a plan, small enough to follow by hand.
# A mixture of experts in groups of 16 ranks (two servers), a pipeline of two stages.
# One server fills a leaf, so all expert traffic between servers crosses the spines.
name: Qwen3 30B on 32 H100
seed: 1
model: qwen-3-30b-a3b
training: {tokens: 100G, sequence: 4096, batch: 256, microbatch: 1, precision: bf16, recompute: selective}
parallelism: {tensor: 1, pipeline: 2, expert: 16, data: 16, context: 1, zero: 1, schedule: 1f1b}
cluster:
  node: hgx-h100
  gpus: 32
  network: {topology: fat-tree, layers: 2, switch: 16x400G, transport: infiniband}
  placement: auto
routing: {strategy: hybrid, hotPaths: 16}
expect:
  - routing.reachable == 1
  - routing.deadlockFree == 1
`,
  'deepseek-v3': `# DeepSeek-V3 as it was trained: 2,048 H800 on eight planes of two layers.
# Expert traffic stays on its plane (node-limited routing, forwarding over NVLink),
# and the report compares the routing with the bounds that no table can beat.
name: DeepSeek-V3 pre-training on 2,048 H800
seed: 1
model: deepseek-v3            # a catalog entry, or its fields inline, or a Hugging Face config.json
training: {tokens: 14.8T, sequence: 4096, batch: 15360, microbatch: 1, precision: fp8, recompute: selective, loss: unfused}
parallelism: {tensor: 1, pipeline: 16, expert: 64, data: 128, context: 1, zero: 1, schedule: dualpipe, order: [tensor, context, data, pipeline]}
traffic: {experts: uniform, nodeLimit: 4, ecmpSeeds: 16}      # experts: uniform | zipf(1.1) | [list]
cluster:
  node: hgx-h800              # GPUs, NVLink, PCIe, NICs of one server
  gpus: 2048
  network: {topology: multi-plane-fat-tree, planes: 8, layers: 2, switch: 64x400G, transport: infiniband, oversubscription: 1, nicPorts: per-nic}
  placement: auto             # auto | linear | a rank map
routing: {strategy: hybrid, hotPaths: 64}
reliability: {failures: rsc-1, checkpoint: {storage: 2 TB/s, interval: auto}, restart: 5 min}
facility: {pue: 1.3, economy: rent, gpuHour: 2 USD}           # or own: prices, amortisation, electricity
expect:                       # a plan is a test: a miss exits with status 3
  - fabric.switches == 96
  - routing.ratioToWhole <= 1.02
  - routing.reachable == 1
  - routing.deadlockFree == 1
`,
  'deepseek-v3-16k': `# The largest eight-plane network of two layers that 64-port switches make: 16,384 GPUs.
# 64 leaves and 32 spines a plane with one cable a pair, where a table can be proved optimal.
# The batch grows with the replicas, so that DualPipe has its two microbatches a stage.
name: DeepSeek-V3 on 16,384 H800
seed: 1
model: deepseek-v3
training: {tokens: 14.8T, sequence: 4096, batch: 32768, microbatch: 1, precision: fp8, recompute: selective}
parallelism: {tensor: 1, pipeline: 16, expert: 64, data: 1024, context: 1, zero: 1, schedule: dualpipe}
traffic: {experts: uniform, nodeLimit: 4}
cluster:
  node: hgx-h800
  gpus: 16384
  network: {topology: multi-plane-fat-tree, planes: 8, layers: 2, switch: 64x400G, transport: infiniband}
  placement: auto
routing: {strategy: hybrid, hotPaths: 64}
facility: {economy: own, pue: 1.2, cap: 25 MW, grid: us, stages: [4096, 8192, 16384]}
expect:
  - economy.energy.withinCap == 1
  - fabric.switches == 768
  - fabric.interSwitchLinks == 16384
  - routing.ratioToWhole <= 1.02
  - routing.deadlockFree == 1
`,
  'llama-3.1-405b': `# Llama 3.1 405B at 16,384 H100 over RoCE: three layers, pods of 3,072 with full bisection,
# seven times oversubscribed above the pods. Tensor groups stay inside a server; what must
# cross pods is the pipeline and the data-parallel reduction.
name: Llama 3.1 405B on 16,384 H100
seed: 1
model: llama-3.1-405b
training: {tokens: 15.6T, sequence: 8192, batch: 2048, microbatch: 1, precision: bf16, recompute: none}
parallelism: {tensor: 8, pipeline: 16, data: 128, context: 1, zero: 2, schedule: 1f1b, order: [tensor, context, pipeline, data]}
traffic: {ecmpSeeds: 16, queuePairs: 16}
cluster:
  node: hgx-h100
  gpus: 16384
  network:
    topology: fat-tree
    layers: 3
    switch: 128x400G
    transport: roce
    oversubscription: {leaf: 1, spine: 7:1}
    podEndpoints: 3072
  placement: auto
routing: {strategy: hybrid, hotPaths: 64}
expect:
  - routing.reachable == 1
  - routing.deadlockFree == 1
`,
  'cluster-65536': `# 65,536 GPUs on one plane: the full three-layer fat-tree of 64-port switches (5,120 of them).
# Five switches on the longest path instead of the three of two-layer planes. RoCE, as one InfiniBand
# subnet has 49,151 unicast addresses: there, the same GPUs need at least two planes.
name: Llama 3.1 405B on 65,536 H100
seed: 1
model: llama-3.1-405b
training: {tokens: 15.6T, sequence: 8192, batch: 8192, microbatch: 1, precision: bf16, recompute: selective}
parallelism: {tensor: 8, pipeline: 16, data: 512, context: 1, zero: 1, schedule: 1f1b}
cluster:
  node: hgx-h100
  gpus: 65536
  network: {topology: fat-tree, layers: 3, switch: 64x400G, transport: roce}
  placement: auto
routing: {strategy: static}
expect:
  - fabric.switches == 5120
  - fabric.interSwitchLinks == 131072
  - routing.deadlockFree == 1
`,
  'gpt3-175b': `# GPT-3 175B as Megatron-LM trains it: 1,024 A100, tensor 8, pipeline 8, data 16.
# A rail-optimised network: GPU i of every server on rail i, 40-port switches, three layers.
# A dense model: no all-to-all, so rails carry rings and pipeline sends only.
name: GPT-3 175B on 1,024 A100
seed: 1
model: gpt-3-175b
training: {tokens: 300G, sequence: 2048, batch: 1536, microbatch: 1, precision: bf16, recompute: selective}
parallelism: {tensor: 8, pipeline: 8, data: 16, context: 1, zero: 1, schedule: interleaved, virtualStages: 3}
cluster:
  node: hgx-a100-8nic
  gpus: 1024
  network: {topology: rail-optimized, layers: 3, switch: 40x200G, transport: infiniband}
  placement: auto
routing: {strategy: static}
expect:
  - routing.reachable == 1
  - routing.deadlockFree == 1
`,
  'roce-oversubscribed': `# Where routing matters: RoCE leaves with twice the hosts of their uplinks, experts chosen by a
# Zipf law, and expert groups of 16 servers over leaves of 21, so that they straddle. ECMP
# collides; pinned hot paths take the largest load down to what whole destinations allow.
name: DeepSeek-V3 on an oversubscribed RoCE cluster
seed: 1
model: deepseek-v3
training: {tokens: 1T, sequence: 4096, batch: 4096, microbatch: 1, precision: fp8, recompute: selective}
parallelism: {tensor: 1, pipeline: 8, expert: 128, data: 128, context: 1, zero: 1, schedule: dualpipe}
traffic: {experts: zipf(1.1), nodeLimit: 4, ecmpSeeds: 16, queuePairs: 4}
cluster:
  node: hgx-h100
  gpus: 1024
  network: {topology: multi-plane-fat-tree, planes: 8, layers: 2, switch: 32x400G, transport: roce, oversubscription: 2}
  placement: linear
routing: {strategy: hybrid, hotPaths: 2048}
expect:
  - routing.ratioToWhole <= 1.02
  - routing.reachable == 1
  - routing.deadlockFree == 1
`,
};
