import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { issue } from '../base/issue.ts';
import { InputError } from '../base/result.ts';
import { withIdentities, withSimulatedPortGuids } from '../fabric/identities.ts';
import type { Fabric, IdentifiedFabric } from '../fabric/types.ts';
import { writeDot } from '../formats/dot.ts';
import { writeGraphml } from '../formats/graphml.ts';
import { writeIbnetdiscover } from '../formats/ibnetdiscover-write.ts';
import { computeGuids, guidToLid, opensmConf, rootGuids } from '../formats/opensm-files.ts';
import { writeOpensmLft } from '../formats/opensm-lft.ts';
import { nextHops } from '../routes/next-hops.ts';
import type { TableRoutes } from '../routes/types.ts';
import { patternTables } from '../routing/patterns.ts';
import {
  expectValue,
  FABRIC_HELP,
  LMC_HELP,
  loadFabric,
  loadTables,
  loadTraffic,
  parseLmc,
  parseSeed,
  TRAFFIC_HELP,
  valleysOption,
  WITHOUT_HELP,
} from './fabric-input.ts';
import { type OutputFile, writeFile, writeFolder } from './output.ts';

interface Options {
  readonly to: 'opensm' | 'ibsim' | 'dot' | 'graphml';
  readonly out?: string;
  readonly traffic?: string;
  readonly tables?: string[];
  readonly without?: string[];
  readonly lmc?: number;
  readonly valleys: 'lane' | 'omit';
  readonly seed: number;
}

export function define(command: Command): void {
  command
    .argument('<fabric>', FABRIC_HELP)
    .addOption(
      new Option('--to <what>', 'what to write')
        .choices(['opensm', 'ibsim', 'dot', 'graphml'])
        .makeOptionMandatory(),
    )
    .option('--out <folder>', 'where to; dot and graphml go to stdout without it')
    .option('--traffic <what>', `tables for this: ${TRAFFIC_HELP} (default: a plan's own, else all-to-all)`)
    .option('--tables <files...>', 'write these tables instead of making some')
    .option('--without <parts...>', WITHOUT_HELP)
    .option('--lmc <n>', LMC_HELP, parseLmc)
    .addOption(valleysOption())
    .option('--seed <n>', 'of the patterns that are drawn', parseSeed, 1)
    .addHelpText('after', EXAMPLES)
    .action(exportFabric);
}

async function exportFabric(path: string, options: Options): Promise<void> {
  const fabric = await loadFabric(path, options.without);
  if (options.to === 'dot' || options.to === 'graphml') {
    const chunks = options.to === 'dot' ? writeDot(fabric) : writeGraphml(fabric);
    if (options.out === undefined) expectValue(writeFile('-', chunks));
    else write(options.out, [{ name: `${fabric.name}.${options.to}`, chunks }]);
    return;
  }
  refuse(fabric, options);
  const tables =
    options.tables === undefined
      ? await makeTables(path, fabric, options)
      : (await loadTables(options.tables, fabric)).byOffset;
  const identified = expectValue(withIdentities(fabric, { lmc: Math.log2(tables.length) }));
  const named = options.to === 'ibsim' ? withSimulatedPortGuids(identified) : identified;
  const planes = Array.from({ length: fabric.planes }, (_, plane) => plane);
  const files = planes.flatMap((plane) => [
    ...(options.to === 'ibsim' ? [netFile(named, plane)] : []),
    ...subnetFiles(named, tables, plane, options.valleys),
  ]);
  write(options.out!, files);
}

function refuse(fabric: Fabric, { to, out }: Options): void {
  const issues = [];
  if (out === undefined)
    issues.push(issue({ code: 'no-folder', message: `${to} is several files`, hint: 'give --out FOLDER' }));
  if (fabric.transport !== 'infiniband') {
    const message = `${fabric.name} is RoCE: no subnet manager runs it`;
    issues.push(issue({ code: 'transport-cannot', message, found: to, allowed: 'dot, graphml' }));
  }
  if (issues.length > 0) throw new InputError(issues);
}

async function makeTables(
  path: string,
  fabric: Fabric,
  { traffic, seed, lmc, valleys }: Options,
): Promise<readonly TableRoutes[]> {
  const own = join(path, 'traffic-nic.csv');
  const wanted = traffic ?? (existsSync(own) ? own : 'all-to-all');
  const demands = await loadTraffic(wanted, fabric, { seed, merge: 'always' });
  return patternTables({ fabric, hops: nextHops(fabric), demands }, { lmc: lmc ?? 0, valleys });
}

/** A plane is a subnet: with several, each file says which it is of. */
const nameOf = (fabric: Fabric, stem: string, plane: number, ending: string): string =>
  `${stem}${fabric.planes > 1 ? `-plane${plane}` : ''}${ending}`;

function netFile(fabric: IdentifiedFabric, plane: number): OutputFile {
  const chunks = expectValue(writeIbnetdiscover(fabric, { plane }));
  return { name: nameOf(fabric, 'net', plane, '.ibnetdiscover'), chunks };
}

function subnetFiles(
  fabric: IdentifiedFabric,
  tables: readonly TableRoutes[],
  plane: number,
  valleys: Options['valleys'],
): OutputFile[] {
  const name = (stem: string, ending: string): string => nameOf(fabric, stem, plane, ending);
  const names = {
    lfts: name('lfts', '.txt'),
    roots: name('roots', '.txt'),
    compute: name('compute', '.txt'),
  };
  return [
    { name: names.lfts, chunks: expectValue(writeOpensmLft(fabric, tables, { plane, valleys })) },
    { name: names.roots, chunks: rootGuids(fabric, plane) },
    { name: names.compute, chunks: computeGuids(fabric, plane) },
    { name: name('guid2lid', ''), chunks: guidToLid(fabric, plane) },
    { name: name('opensm', '.conf'), chunks: opensmConf(fabric, names) },
  ];
}

function write(folder: string, files: readonly OutputFile[]): void {
  const written = expectValue(writeFolder(folder, files));
  for (const file of written) process.stdout.write(`${file}\n`);
}

const EXAMPLES = `
Examples:
  planewright export fabric.ibnetdiscover --to opensm --out subnet/
  planewright export plan/ --to ibsim --out trial/
  planewright export fabric.json --to dot | dot -Tsvg > fabric.svg

opensm: forwarding tables, root and compute GUIDs, guid2lid and opensm.conf, a set a plane. ibsim: the same with the
port GUIDs that ibsim gives, and the net file to start it with. The tables replace OpenSM's own routing engine.`;
