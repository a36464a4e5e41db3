import type { Command } from 'commander';
import { compareTopologies } from '../fabric/compare.ts';
import { serialise } from '../numeric/serialise.ts';
import { evaluate } from '../plan/evaluate.ts';
import { compareSections, fabricSections } from '../report/fabric.ts';
import type { Spec } from '../spec/types.ts';
import { nodeContext } from './context.ts';
import { draw } from './draw.ts';
import { loadCatalog, loadSpec } from './load.ts';

interface Options {
  readonly compare?: boolean;
  readonly json?: boolean;
  readonly catalog?: string;
}

export function define(command: Command): void {
  command
    .argument('<spec>', 'the spec, a YAML file (- for standard input)')
    .option('--compare', 'compare the topologies that this switch can build')
    .option('--json', 'print as JSON')
    .option('--catalog <folder>', 'overlay the catalog with the YAML files of a folder')
    .addHelpText('after', '\nExample:\n  planewright fabric examples/deepseek-v3.yaml --compare')
    .action(fabric);
}

async function fabric(path: string, options: Options): Promise<void> {
  const catalog = loadCatalog(options.catalog);
  const { spec, expectValue } = loadSpec(path, catalog);
  const context = nodeContext(catalog, spec.seed);
  const { plan } = expectValue(await evaluate({ spec, without: [] }, context, { until: 'placement' }));
  const comparison = options.compare
    ? compareTopologies(comparedSwitch(spec), comparedPlanes(spec), catalog)
    : null;
  if (options.json) {
    process.stdout.write(`${serialise({ fabric: plan.fabric, ...(comparison && { comparison }) }, 2)}\n`);
    return;
  }
  draw(spec.name, [...fabricSections(plan), ...(comparison ? compareSections(comparison) : [])]);
}

/** The switch radix to compare with: the spec's own; for an imported fabric the published comparison's. */
function comparedSwitch(spec: Spec): number {
  const { network } = spec.cluster;
  return network.kind === 'generated' ? network.switch.ports : 64;
}

function comparedPlanes(spec: Spec): number {
  const { network } = spec.cluster;
  return network.kind === 'generated' && typeof network.planes === 'number' && network.planes > 1
    ? network.planes
    : spec.cluster.node.nics;
}
