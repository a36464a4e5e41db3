import type { Command } from 'commander';
import { serialise } from '../numeric/serialise.ts';
import { evaluate } from '../plan/evaluate.ts';
import { flowPinCurve, stepPinCurve } from '../plan/pin-curve.ts';
import { profileTables } from '../profile/tables.ts';
import { pinSection } from '../report/pins.ts';
import { profileSections } from '../report/profile.ts';
import { profileJson, tablesProfileSections } from '../report/verify.ts';
import { nextHops } from '../routes/next-hops.ts';
import { usualRate } from '../routing/table-judge.ts';
import { nodeContext } from './context.ts';
import { draw } from './draw.ts';
import {
  FABRIC_HELP,
  LFTS_HELP,
  loadFabric,
  loadTables,
  loadTraffic,
  parseCount,
  parseSeed,
  TRAFFIC_HELP,
  usualTraffic,
  WITHOUT_HELP,
} from './fabric-input.ts';
import { loadCatalog, loadSpec } from './load.ts';

interface Options {
  readonly traffic?: string;
  readonly pins: number;
  readonly top: number;
  readonly moves: number;
  readonly without?: string[];
  readonly seed: number;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .argument('<fabric>', `${FABRIC_HELP}; or a spec (.yaml), whose own job is the traffic`)
    .argument('[lfts...]', `${LFTS_HELP}; without them, the hot-path curve over plain routing`)
    .option('--traffic <what>', `${TRAFFIC_HELP}; default: a plan's own, else all-to-all`)
    .option('--top <n>', 'hot links to name', parseCount, 10)
    .option('--pins <n>', 'of the hot-path curve, at most', parseCount, 64)
    .option('--moves <n>', 'entries to move one after the other', parseCount, 16)
    .option('--without <parts...>', WITHOUT_HELP)
    .option('--seed <n>', 'of the patterns that are drawn', parseSeed, 1)
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(profile);
}

async function profile(path: string, lfts: readonly string[], options: Options): Promise<void> {
  if (/\.ya?ml$/i.test(path)) return profileSpec(path, options);
  if (lfts.length === 0) return profilePlain(path, options);
  const { top, moves, seed } = options;
  const fabric = await loadFabric(path, options.without);
  const demands = await loadTraffic(options.traffic ?? usualTraffic(path, 'all-to-all'), fabric, {
    seed,
    merge: 'when large',
  });
  const { routes } = await loadTables(lfts, fabric);
  const hops = nextHops(fabric);
  const rate = usualRate(fabric);
  const traffics = demands.map((demand) => ({
    demand,
    profile: profileTables({ fabric, hops, ...demand, routes, top, moves }),
    rate,
  }));
  if (options.json) process.stdout.write(`${serialise({ traffic: profileJson(traffics) }, 2)}\n`);
  else draw(`Profiled: ${fabric.name} under ${routes.label}`, tablesProfileSections(traffics));
}

/** The job of a spec on its network: how it behaves under plain routing, and what pinning its hot paths gains. */
async function profileSpec(path: string, options: Options): Promise<void> {
  const catalog = loadCatalog();
  const { spec, expectValue: expect } = loadSpec(path, catalog);
  const context = nodeContext(catalog, spec.seed);
  const request = { spec, without: options.without ?? [] };
  const { plan, artefacts } = expect(await evaluate(request, context, { until: 'profile' }));
  const curve = stepPinCurve(spec, artefacts, catalog);
  if (options.json) process.stdout.write(`${serialise({ profile: plan.profile, pinCurve: curve }, 2)}\n`);
  else {
    const behaves = profileSections(plan).filter((s) => s.id !== 'curve');
    draw(`Profiled: ${spec.name}`, [...behaves, pinSection('one step', curve)]);
  }
}

/** A fabric, or the folder of a plan, without tables. */
async function profilePlain(path: string, { traffic, pins, seed, without, json }: Options): Promise<void> {
  const fabric = await loadFabric(path, without);
  // A pin of RoCE moves one pair, so that pairs must not stand for one another.
  const merge = fabric.transport === 'roce' ? ('never' as const) : ('when large' as const);
  const demands = await loadTraffic(traffic ?? usualTraffic(path, 'all-to-all'), fabric, { seed, merge });
  const curves = demands.map((demand) => ({
    traffic: demand.label,
    pinCurve: flowPinCurve(fabric, demand, pins, seed),
  }));
  if (json) process.stdout.write(`${serialise(curves, 2)}\n`);
  else
    draw(
      `Profiled: ${fabric.name}`,
      curves.map((c) => pinSection(c.traffic, c.pinCurve)),
    );
}

const EXAMPLES = `
Examples:
  planewright profile fabric.ibnetdiscover lfts.txt --traffic all-to-all
  planewright profile fabric.ibnetdiscover opensm-lfts.dump --traffic same-rail --top 5 --moves 64
  planewright profile examples/roce-oversubscribed.yaml
  planewright profile plan/ --pins 256

A hot link is named with the hosts and destinations that meet there, and with the one entry (leaf, destination) whose
move to another port relieves it best: what a pin is on InfiniBand. The last table moves entries one after the
other, each off the link that is hottest then. For tables made anew, see planewright route.

Without tables: the hot-path curve. Hot paths are pinned one after the other over ECMP (RoCE) or adaptive routing, and the
busiest link and the time of communication are shown at 0, 1, 2, 4, ... pins, with the knee beyond which more gain little.
A pattern moves 1 MB a pair; a spec's job is taken operation by operation, as it communicates in a step.`;
