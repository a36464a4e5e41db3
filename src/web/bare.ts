import type { Context } from '../base/context.ts';
import { findingsOf } from '../fabric/findings.ts';
import type { Fabric } from '../fabric/types.ts';
import { withoutParts } from '../fabric/without.ts';
import { readFabric } from '../formats/registry.ts';
import { type FileRequest, routingIssues, trafficDemands } from '../plan/fabric-job.ts';
import { figuresSection } from '../report/difference.ts';
import { fabricDifference, fabricFigures, type NamedFabric } from '../report/fabric-difference.ts';
import { importSections } from '../report/import.ts';
import { routeSections } from '../report/routes.ts';
import type { Section } from '../report/types.ts';
import { nextHops } from '../routes/next-hops.ts';
import type { NextHops } from '../routes/types.ts';
import { routePatterns } from '../routing/patterns.ts';
import type { PatternRouting, TrafficDemand } from '../routing/types.ts';
import { bytes, expectValue, fileText } from './input.ts';
import { mapsOf, type Open, openFabric } from './open.ts';
import type { Drawn, FabricSubject } from './protocol.ts';

/** A fabric without a job, with tables for its traffic. */
interface Bare {
  readonly fabric: Fabric;
  readonly hops: NextHops;
  readonly demands: readonly TrafficDemand[];
  readonly routing: PatternRouting;
}

async function readBare(subject: FabricSubject, without: readonly string[], context: Context): Promise<Bare> {
  const intact = expectValue(await readFabric([bytes(subject.text)], subject.name));
  const fabric = expectValue(withoutParts(intact, without));
  const open = ({ file }: FileRequest) => ({ chunks: [bytes(fileText(subject.files, file))], label: file });
  const options = { seed: 1, merge: 'when large' as const, open };
  const demands = expectValue(await trafficDemands(subject.traffic, fabric, options));
  const hops = nextHops(fabric);
  const routing = await routePatterns({ fabric, hops, demands, current: null, intact }, context);
  return { fabric, hops, demands, routing };
}

/** What a fabric is, and tables for its traffic; with parts taken out, what that changes. */
export async function drawBare(
  subject: FabricSubject,
  context: Context,
): Promise<{ drawn: Drawn; open: Open }> {
  const { fabric, hops, demands, routing } = await readBare(subject, subject.without, context);
  const tables = [...routing.before, routing.after].map((t) => ({
    id: t.name,
    title: t.name,
    routes: t.routes,
  }));
  const open = openFabric(fabric, hops, demands[0]!, tables, routing.rate);
  const found = findingsOf(fabric);
  const figures = fabricFigures(fabric, routing);
  const drawn: Drawn = {
    title: subject.name,
    figures,
    sections: [...routeSections(routing), ...importSections(found)],
    issues: routingIssues(routing),
    ...mapsOf(open),
    operations: [],
    knobs: [],
    artefacts: [],
    effect: null,
    timings: [],
  };
  if (subject.without.length === 0) return { drawn, open };
  const whole = await readBare(subject, [], context);
  const effect = figuresSection([
    { name: 'whole', figures: fabricFigures(whole.fabric, whole.routing) },
    { name: `without ${subject.without.join(', ')}`, figures },
  ]);
  return { drawn: { ...drawn, effect }, open };
}

/** Fabrics side by side; what is cabled otherwise in each than in the first. */
export async function compareBare(fabrics: readonly FabricSubject[], context: Context): Promise<Section[]> {
  const read: (NamedFabric & Bare)[] = [];
  for (const subject of fabrics)
    read.push({ name: subject.name, ...(await readBare(subject, subject.without, context)) });
  return fabricDifference(read, read[0]!.demands, fabrics[0]!.traffic);
}
