import type { Context } from '../base/context.ts';
import type { Issue } from '../base/issue.ts';
import { InputError } from '../base/result.ts';
import { builtin } from '../catalog/catalog.ts';
import { writeFabricJson } from '../formats/fabric-json.ts';
import { inspectLog } from '../inspect/inspect.ts';
import { evaluate, type Until } from '../plan/evaluate.ts';
import { quietContext } from '../plan/library.ts';
import { Memo } from '../plan/memo.ts';
import type { Evaluation, FindFitting } from '../plan/types.ts';
import { logCharts } from '../report/charts/log-charts.ts';
import { planCharts } from '../report/charts/plan-charts.ts';
import type { Chart } from '../report/charts/types.ts';
import { differenceSection, keyFigures, type NamedPlan } from '../report/difference.ts';
import { hotTable } from '../report/hot-table.ts';
import { inspectSections } from '../report/inspect.ts';
import { cellLoads, cellSection } from '../report/map.ts';
import { demandMatrix } from '../report/matrix.ts';
import { planSections } from '../report/plan.ts';
import { selectLinks, tracePair } from '../report/selection.ts';
import type { Section } from '../report/types.ts';
import { usersText, waysThrough } from '../report/ways.ts';
import { complete } from '../spec/complete.ts';
import { editSpec, type SpecEdit } from '../spec/edit.ts';
import { knobs } from '../spec/knobs.ts';
import { placeIssues, readSpec } from '../spec/read.ts';
import type { Spec } from '../spec/types.ts';
import { formatBytes, formatPercent } from '../units/format.ts';
import { compareBare, drawBare } from './bare.ts';
import { bytes, expectValue, filesOf } from './input.ts';
import { carriedBy, linksOf, loadOf, mapsOf, type Open, openPlan, routingOf } from './open.ts';
import type { Advised, Calls, Drawn, Early, FabricSubject, Scaled, Subject } from './protocol.ts';

/** What a plan hears of its surroundings: the worker's clock, and whether something newer waits. */
export type Hooks = Pick<Context, 'clock' | 'progress' | 'cancelled' | 'pause'> & {
  readonly early: (early: Early) => void;
};

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
  #charts: (chapter: string) => readonly Chart[] = () => [];

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
    const charts = (chapter?: string) => planCharts(evaluation, spec, this.#catalog, chapter);
    const open = openPlan(evaluation, charts, { spec, catalog: this.#catalog });
    const effect = subject.without.length === 0 ? null : await this.#effect(subject, evaluation, hooks);
    this.#open = open;
    this.#charts = charts;
    return {
      ...early,
      figures: keyFigures(evaluation.plan),
      sections: planSections(evaluation.plan),
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
    const { drawn, open } = await drawBare(subject, this.#context(1, hooks));
    this.#open = open;
    this.#charts = () => [];
    return drawn;
  }

  /** The network that a spec asks for, as a fabric for itself. */
  async network(subject: Subject, hooks: Hooks): Promise<FabricSubject> {
    const { spec } = this.#read(subject);
    const { value } = await this.#evaluate({ ...spec, expect: [] }, subject, hooks, 'placement');
    const text = [...writeFabricJson(value.artefacts.fabric.fabric)].join('');
    return { name: `network of ${spec.name}`, text, traffic: 'all-to-all', files: {}, without: [] };
  }

  /** What happened in a training log. */
  async log({ name, text }: Calls['log']['ask']): Promise<Drawn> {
    const inspection = await inspectLog([bytes(text)], name);
    const found = expectValue(inspection);
    this.#open = null;
    this.#charts = () => logCharts(found);
    return {
      title: name,
      figures: [],
      sections: inspectSections(found),
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
    const request = { spec: { ...spec, expect: [] }, without: [] };
    const found = await scale(request, this.#context(spec.seed, hooks));
    if (!found.ok) throw new InputError(placeIssues(found.issues, subject.text, SPEC));
    return { charts: scalingCharts(found.value), sections: scalingSections(found.value) };
  }

  /** Charts are made for the view that is looked at: all of them are thousands of elements. */
  charts({ chapter }: Calls['charts']['ask']): Calls['charts']['answer'] {
    return this.#charts(chapter);
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
    const carried = carriedBy(open, routing);
    const links = linksOf(open, cell, up);
    return { ...selectLinks(carried, links), ways: waysThrough(carried, links) };
  }

  users({ cell, up, routing }: Calls['users']['ask']): string {
    const open = this.#expectOpen();
    return usersText(carriedBy(open, routing), linksOf(open, cell, up));
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

  compareFabrics({ fabrics }: Calls['compareFabrics']['ask'], hooks: Hooks): Promise<readonly Section[]> {
    return compareBare(fabrics, this.#context(1, hooks));
  }

  /** The plan with the parts taken out against the plan with all of them. */
  async #effect(subject: Subject, evaluation: Evaluation, hooks: Hooks) {
    const whole = { ...subject, without: [] };
    const { value } = await this.#evaluate(this.#read(whole).spec, whole, hooks);
    const section = differenceSection([
      { name: 'whole', plan: value.plan },
      { name: `without ${subject.without.join(', ')}`, plan: evaluation.plan },
    ]);
    const { diverted = 0, cutOff = 0 } = evaluation.artefacts.placed;
    const notes = [
      ...(diverted > 0 ? [`${formatBytes(diverted)} of a step go over other NICs of their nodes.`] : []),
      ...(cutOff > 0 ? [`${formatBytes(cutOff)} of a step have no NIC left to go over.`] : []),
    ];
    return { ...section, notes };
  }

  #read(subject: Subject): { spec: Spec; warnings: readonly Issue[] } {
    const spec = readSpec(subject.text, SPEC, filesOf(subject), this.#catalog);
    if (!spec.ok) throw new InputError(spec.issues);
    return { spec: spec.value, warnings: spec.issues };
  }

  async #evaluate(spec: Spec, { text, without }: Subject, hooks: Hooks, until?: Until) {
    const options = { memo: this.#memo, fitting, ...(until && { until }) };
    // What is taken out breaks under the running job: ranks stay, and flows go over other NICs of their nodes.
    const request = { spec, without: [], failed: without };
    const result = await evaluate(request, this.#context(spec.seed, hooks), options);
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

/** The search is fetched where a job does not fit. */
const fitting: FindFitting = async (spec, context) =>
  (await import('../search/fitting.ts')).fittingPlan(spec, context);

/** Changes such as 'training.precision: fp8' as edits; null where one is no field of a spec as written. */
function editsOf(changes: readonly string[]): SpecEdit[] | null {
  const edits = changes.map((change) => {
    const [, path, value] =
      /^((?:training|parallelism|traffic|routing|cluster\.network)\.\w+): ([\w.-]+)$/.exec(change) ?? [];
    return path === undefined ? null : { path: path.split('.'), value: value! };
  });
  return edits.length > 0 && edits.every((e) => e !== null) ? edits : null;
}
