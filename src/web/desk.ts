import type { Context } from '../base/context.ts';
import type { Issue } from '../base/issue.ts';
import { issue } from '../base/issue.ts';
import { fail, InputError, type Result } from '../base/result.ts';
import { builtin } from '../catalog/catalog.ts';
import { findingsOf } from '../fabric/findings.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { withoutParts } from '../fabric/without.ts';
import { linkLoads } from '../flow/loads.ts';
import { readFabric } from '../formats/registry.ts';
import { inspectLog } from '../inspect/inspect.ts';
import { artefactFiles, whenRead } from '../plan/artefacts.ts';
import { evaluate, type Until } from '../plan/evaluate.ts';
import { type FileRequest, routingIssues, trafficDemands } from '../plan/fabric-job.ts';
import { quietContext } from '../plan/library.ts';
import { Memo } from '../plan/memo.ts';
import type { ArtefactFile, Evaluation } from '../plan/types.ts';
import { logCharts } from '../report/charts/log-charts.ts';
import { planCharts } from '../report/charts/plan-charts.ts';
import type { Chart } from '../report/charts/types.ts';
import { differenceSection, keyFigures, type NamedPlan } from '../report/difference.ts';
import { hotTable } from '../report/hot-table.ts';
import { htmlReport } from '../report/html.ts';
import { importSections } from '../report/import.ts';
import { inspectSections } from '../report/inspect.ts';
import {
  cellLoads,
  cellSection,
  type FabricMaps,
  fabricMaps,
  type LoadMeasure,
  SECONDS,
} from '../report/map.ts';
import { demandMatrix } from '../report/matrix.ts';
import { pictureFiles } from '../report/pictures.ts';
import { planSections } from '../report/plan.ts';
import { routeSections } from '../report/routes.ts';
import { type DrawnRouting, planRoutings } from '../report/routings.ts';
import { type Carried, carry, selectLinks, tracePair } from '../report/selection.ts';
import { nextHops } from '../routes/next-hops.ts';
import type { NextHops } from '../routes/types.ts';
import { routePatterns } from '../routing/patterns.ts';
import type { TrafficDemand } from '../routing/types.ts';
import { complete } from '../spec/complete.ts';
import { editSpec, type SpecEdit } from '../spec/edit.ts';
import { knobs } from '../spec/knobs.ts';
import { placeIssues, readSpec } from '../spec/read.ts';
import type { Spec } from '../spec/types.ts';
import { formatPercent } from '../units/format.ts';
import type { Advised, Calls, Drawn, Early, FabricSubject, Scaled, Subject } from './protocol.ts';

/** What a plan hears of its surroundings: the worker's clock, and whether something newer waits. */
export type Hooks = Pick<Context, 'clock' | 'progress' | 'cancelled' | 'pause'> & {
  readonly early: (early: Early) => void;
};

/** What lies on the desk: a network with a demand, and the routings that can be looked at. */
interface Open {
  readonly fabric: Fabric;
  readonly hops: NextHops;
  readonly flows: Flows;
  readonly maps: FabricMaps;
  readonly measure: LoadMeasure;
  readonly routings: readonly DrawnRouting[];
  readonly evaluation: Evaluation | null;
  readonly files: () => readonly ArtefactFile[];
  readonly loads: Map<string, Float64Array>;
  readonly carried: Map<string, Carried>;
}

const SPEC = 'spec';
const REMEMBERED = 32;

/**
 * The engine behind the page: makes plans and answers questions about the last one. It runs in a worker, and in Node
 * for tests; it knows no page. Bad input is thrown as an InputError.
 */
export class Desk {
  readonly #catalog = builtin();
  readonly #memo = new Memo(REMEMBERED);
  #open: Open | null = null;

  async plan(subject: Subject, hooks: Hooks): Promise<Drawn> {
    const { spec, warnings } = this.#read(subject);
    const first = await this.#evaluate(spec, subject, hooks, 'placement');
    const early = {
      title: spec.name,
      figures: keyFigures(first.value.plan),
      knobs: knobs(spec, this.#catalog),
    };
    hooks.early(early);
    const whole = await this.#evaluate(spec, subject, hooks);
    const evaluation = whole.value;
    const charts = planCharts(evaluation, spec, this.#catalog);
    const open = openPlan(evaluation, charts);
    const effect = subject.without.length === 0 ? null : await this.#effect(subject, evaluation, hooks);
    this.#open = open;
    return {
      ...early,
      figures: keyFigures(evaluation.plan),
      sections: planSections(evaluation.plan),
      charts,
      issues: [...warnings, ...placeIssues(whole.issues, subject.text, SPEC)],
      ...mapsOf(open),
      operations: [
        { id: 'step', title: 'whole step' },
        ...evaluation.plan.workload.operations.map(({ id, title }) => ({ id, title })),
      ],
      artefacts: open.files().map((f) => f.name),
      effect,
      timings: evaluation.timings,
    };
  }

  /** A fabric without a job: what it is, and tables for a traffic pattern. */
  async fabric(subject: FabricSubject, hooks: Hooks): Promise<Drawn> {
    const read = expectValue(await readFabric([bytes(subject.text)], subject.name));
    const fabric = expectValue(withoutParts(read, subject.without));
    const file = ({ file }: FileRequest) => ({ chunks: [bytes(fileText(subject.files, file))], label: file });
    const options = { seed: 1, merge: 'when large' as const, open: file };
    const demands = expectValue(await trafficDemands(subject.traffic, fabric, options));
    const hops = nextHops(fabric);
    const context = this.#context(1, hooks);
    const routing = await routePatterns({ fabric, hops, demands, current: null, intact: read }, context);
    const tables = [...routing.before, routing.after].map((t) => ({
      id: t.name,
      title: t.name,
      routes: t.routes,
    }));
    const open = openFabric(fabric, hops, demands[0]!, tables, routing.rate);
    this.#open = open;
    const { summary } = findingsOf(fabric);
    return {
      title: subject.name,
      figures: [
        { id: 'endpoints', label: 'endpoints', value: { value: summary.endpoints, unit: 'count' } },
        { id: 'switches', label: 'switches', value: { value: summary.switches, unit: 'count' } },
        {
          id: 'links',
          label: 'links between switches',
          value: { value: summary.interSwitchLinks, unit: 'count' },
        },
      ],
      sections: [...routeSections(routing), ...importSections(findingsOf(fabric))],
      charts: [],
      issues: routingIssues(routing),
      ...mapsOf(open),
      operations: [],
      knobs: [],
      artefacts: [],
      effect: null,
      timings: [],
    };
  }

  /** What happened in a training log. */
  async log({ name, text }: Calls['log']['ask']): Promise<Drawn> {
    const inspection = await inspectLog([bytes(text)], name);
    const found = expectValue(inspection);
    this.#open = null;
    return {
      title: name,
      figures: [],
      sections: inspectSections(found),
      charts: logCharts(found),
      issues: inspection.issues,
      maps: [],
      endpoints: 0,
      names: [],
      routings: [],
      operations: [],
      knobs: [],
      artefacts: [],
      effect: null,
      timings: [],
    };
  }

  /** Tries every known optimisation; those that help can be applied where they are fields of the spec. */
  async advise(subject: Subject, hooks: Hooks): Promise<Advised> {
    const { spec } = this.#read(subject);
    const [{ advise }, { adviceSections }] = await Promise.all([
      import('../advise/advise.ts'),
      import('../report/advise.ts'),
    ]);
    const found = await advise(spec, this.#context(spec.seed, hooks));
    if (!found.ok) throw new InputError(placeIssues(found.issues, subject.text, SPEC));
    const { advice } = found.value;
    const helps = advice.items.filter(
      (i) => i.gain !== undefined && i.gain.time > 0 && i.outcome?.fits === true,
    );
    const items = helps.flatMap(({ id, name, changes, gain }) => {
      const edits = editsOf(changes ?? []);
      if (edits === null) return [];
      const text = editSpec(subject.text, edits);
      const readable = readSpec(text, SPEC, filesOf(subject), this.#catalog).ok;
      return readable ? [{ id, title: `${name}: ${formatPercent(gain!.time)} less time`, edits }] : [];
    });
    return { sections: adviceSections(advice), items };
  }

  /** The job scaled out and up; every point is a plan of its own. */
  async scale(subject: Subject, hooks: Hooks): Promise<Scaled> {
    const { spec } = this.#read(subject);
    const [{ scale }, { scalingCharts }, { scalingSections }] = await Promise.all([
      import('../scaling/scale.ts'),
      import('../report/charts/scaling-charts.ts'),
      import('../report/scaling.ts'),
    ]);
    const request = { spec: { ...spec, expect: [] }, without: subject.without };
    const found = await scale(request, this.#context(spec.seed, hooks));
    if (!found.ok) throw new InputError(placeIssues(found.issues, subject.text, SPEC));
    return { charts: scalingCharts(found.value), sections: scalingSections(found.value) };
  }

  loads({ routing }: Calls['loads']['ask']): Calls['loads']['answer'] {
    const open = this.#expectOpen();
    return cellLoads(open.fabric, open.maps, loadOf(open, routing), open.measure);
  }

  cells({ routing }: Calls['cells']['ask']): Calls['cells']['answer'] {
    const open = this.#expectOpen();
    const loads = cellLoads(open.fabric, open.maps, loadOf(open, routing), open.measure);
    return cellSection(open.fabric, open.maps, loads, routingOf(open, routing).title);
  }

  hot({ routing, top }: Calls['hot']['ask']): Calls['hot']['answer'] {
    const open = this.#expectOpen();
    const { routes, title } = routingOf(open, routing);
    return hotTable(carriedBy(open, routing), open.hops, routes, open.maps, title, top);
  }

  select({ cell, up, routing }: Calls['select']['ask']): Calls['select']['answer'] {
    const open = this.#expectOpen();
    const { start, links } = open.maps;
    const ups = [...links.subarray(start[cell]!, start[cell + 1]!)];
    return selectLinks(carriedBy(open, routing), up ? ups : ups.map((l) => open.fabric.linkReverse[l]!));
  }

  trace({ src, dst, routing }: Calls['trace']['ask']): Calls['trace']['answer'] {
    return tracePair(carriedBy(this.#expectOpen(), routing), src, dst);
  }

  matrix({ level, operation }: Calls['matrix']['ask']): Calls['matrix']['answer'] {
    const { evaluation } = this.#expectOpen();
    if (evaluation === null) throw new Error('a fabric alone has no demand of a job');
    return demandMatrix(evaluation.artefacts, level, operation);
  }

  artefact({ name }: Calls['artefact']['ask']): Blob {
    const file = this.#expectOpen()
      .files()
      .find((f) => f.name === name);
    if (file === undefined) throw new Error(`no file ${name}`);
    return new Blob([...file.chunks]);
  }

  complete({ text, offset }: Calls['complete']['ask']): Calls['complete']['answer'] {
    return complete(text, offset, this.#catalog);
  }

  check(subject: Subject): readonly Issue[] {
    return readSpec(subject.text, SPEC, filesOf(subject), this.#catalog).issues;
  }

  edit({ text, edits }: Calls['edit']['ask']): string {
    return editSpec(text, edits);
  }

  async compare({ plans }: Calls['compare']['ask'], hooks: Hooks): Promise<Calls['compare']['answer']> {
    const made: NamedPlan[] = [];
    for (const subject of plans) {
      const { value } = await this.#evaluate(this.#read(subject).spec, subject, hooks);
      made.push({ name: subject.name, plan: value.plan });
    }
    return differenceSection(made);
  }

  /** The plan with the parts taken out against the plan with all of them. */
  async #effect(subject: Subject, evaluation: Evaluation, hooks: Hooks) {
    const whole = { ...subject, without: [] };
    const { value } = await this.#evaluate(this.#read(whole).spec, whole, hooks);
    return differenceSection([
      { name: 'whole', plan: value.plan },
      { name: `without ${subject.without.join(', ')}`, plan: evaluation.plan },
    ]);
  }

  #read(subject: Subject): { spec: Spec; warnings: readonly Issue[] } {
    const spec = readSpec(subject.text, SPEC, filesOf(subject), this.#catalog);
    if (!spec.ok) throw new InputError(spec.issues);
    return { spec: spec.value, warnings: spec.issues };
  }

  async #evaluate(spec: Spec, { text, without }: Subject, hooks: Hooks, until?: Until) {
    const options = { memo: this.#memo, ...(until && { until }) };
    const result = await evaluate({ spec, without }, this.#context(spec.seed, hooks), options);
    if (!result.ok) throw new InputError(placeIssues(result.issues, text, SPEC));
    return result;
  }

  #context(seed: number, { clock, progress, cancelled, pause }: Hooks): Context {
    return { ...quietContext(this.#catalog, seed), clock, progress, cancelled, ...(pause && { pause }) };
  }

  #expectOpen(): Open {
    if (this.#open === null) throw new Error('no plan yet');
    return this.#open;
  }
}

/** Changes such as 'training.precision: fp8' as edits; null where one is no field of a spec as written. */
function editsOf(changes: readonly string[]): SpecEdit[] | null {
  const edits = changes.map((change) => {
    const [, path, value] =
      /^((?:training|parallelism|traffic|routing|cluster\.network)\.\w+): ([\w.-]+)$/.exec(change) ?? [];
    return path === undefined ? null : { path: path.split('.'), value: value! };
  });
  return edits.length > 0 && edits.every((e) => e !== null) ? edits : null;
}

function openPlan(evaluation: Evaluation, charts: readonly Chart[]): Open {
  const { fabric, hops } = evaluation.artefacts.fabric;
  const { flows } = evaluation.artefacts.placed;
  const files = () => [
    ...artefactFiles(evaluation),
    ...pictureFiles(evaluation),
    { name: 'report.html', chunks: whenRead(() => [htmlReport(evaluation, charts)]) },
  ];
  const maps = fabricMaps(fabric);
  const routings = planRoutings(evaluation);
  return {
    fabric,
    hops,
    flows,
    maps,
    measure: SECONDS,
    routings,
    evaluation,
    files,
    loads: new Map(),
    carried: new Map(),
  };
}

/** `rate` is that of most links: what unit demand is counted at. */
function openFabric(
  fabric: Fabric,
  hops: NextHops,
  { flows, unit }: TrafficDemand,
  routings: readonly DrawnRouting[],
  rate: number,
): Open {
  return {
    fabric,
    hops,
    flows,
    maps: fabricMaps(fabric),
    measure: unit ? { unit: 'count', factor: rate } : SECONDS,
    routings,
    evaluation: null,
    files: () => [],
    loads: new Map(),
    carried: new Map(),
  };
}

function mapsOf({ fabric, maps, routings }: Open) {
  return {
    maps: maps.maps,
    endpoints: fabric.endpoints,
    names: fabric.names.slice(fabric.endpoints),
    routings: routings.map(({ id, title }) => ({ id, title })),
  };
}

function routingOf(open: Open, id: string): DrawnRouting {
  const found = open.routings.find((r) => r.id === id);
  if (found === undefined) throw new Error(`no routing ${id}`);
  return found;
}

function loadOf(open: Open, id: string): Float64Array {
  const known = open.loads.get(id);
  if (known !== undefined) return known;
  const load = linkLoads(open.fabric, open.hops, open.flows, routingOf(open, id).routes);
  open.loads.set(id, load);
  return load;
}

function carriedBy(open: Open, id: string): Carried {
  const known = open.carried.get(id);
  if (known !== undefined) return known;
  const made = carry(open.fabric, open.hops, open.flows, routingOf(open, id).routes, loadOf(open, id));
  open.carried.set(id, made);
  return made;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function filesOf({ files }: Subject) {
  return {
    read: (name: string): Result<string> =>
      Object.hasOwn(files, name) ? { ok: true, value: files[name]!, issues: [] } : fail([missing(name)]),
  };
}

function fileText(files: Readonly<Record<string, string>>, name: string): string {
  if (Object.hasOwn(files, name)) return files[name]!;
  throw new InputError([missing(name)]);
}

function missing(name: string): Issue {
  return issue({
    code: 'cannot-read',
    message: `there is no file ${name} here`,
    hint: 'drop it onto the page',
  });
}

function expectValue<T>(result: Result<T>): T {
  if (!result.ok) throw new InputError(result.issues);
  return result.value;
}
