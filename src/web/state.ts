import { computed, signal } from '@preact/signals';
import type { Issue } from '../base/issue.ts';
import type { SpecEdit } from '../spec/edit.ts';
import { PRESETS } from '../spec/presets.ts';
import { ask, type Listener, Refused, Replaced } from './engine.ts';
import { fromFragment, toFragment } from './link.ts';
import type { Drawn, Early, FabricSubject, LogSubject, Subject } from './protocol.ts';

/** Everything the page knows, and what can be done to it. Components read signals and call these functions. */

const FIRST = 'deepseek-v3';

export const text = signal('');
export const files = signal<Readonly<Record<string, string>>>({});
export const without = signal<readonly string[]>([]);
export const view = signal('plan');
export const drawn = signal<Drawn | null>(null);
export const early = signal<Early | null>(null);
export const issues = signal<readonly Issue[]>([]);
export const fault = signal<string | null>(null);
/** The stage that is being worked on, null when nothing is. */
export const stage = signal<string | null>(null);
/** A fabric for itself, instead of the spec. */
export const bare = signal<FabricSubject | null>(null);
/** A training log, instead of the spec. */
export const log = signal<LogSubject | null>(null);
export const kept = signal<readonly (Subject & { readonly name: string })[]>([]);
/** Fabrics to compare; the first is what the others should be. */
export const keptFabrics = signal<readonly FabricSubject[]>([]);
/** Counts answers: what was asked about an older plan is of no use any more. */
export const edition = signal(0);
/** Counts outcomes, refusals too. */
export const outcomes = signal(0);
export const notice = signal('');

export const subject = computed<Subject>(() => ({
  text: text.value,
  files: files.value,
  without: without.value,
}));

export const figures = computed(() => early.value?.figures ?? drawn.value?.figures ?? []);
export const knobs = computed(() => early.value?.knobs ?? drawn.value?.knobs ?? []);

/** Plans what the page says, or looks at the fabric that was dropped. */
export async function plan(): Promise<void> {
  stage.value = 'reading';
  const listener = {
    early: (first: Early) => {
      early.value = first;
      issues.value = [];
    },
    progress: (event: { stage: string }) => {
      stage.value = event.stage;
    },
  };
  try {
    const answer = await askFor(listener);
    early.value = null;
    issues.value = answer.issues;
    fault.value = null;
    drawn.value = answer;
    edition.value++;
    outcomes.value++;
    stage.value = null;
    await remember();
  } catch (error) {
    if (error instanceof Replaced) return;
    outcomes.value++;
    stage.value = null;
    early.value = null;
    if (error instanceof Refused) issues.value = error.issues;
    else fault.value = (error as Error).message;
  }
}

/** What the page is about: the spec, or a file that was dropped on it. */
function askFor(listener: Listener): Promise<Drawn> {
  if (log.value !== null) return ask('log', log.value);
  if (bare.value !== null) return ask('fabric', { ...bare.value, without: without.value }, listener);
  return ask('plan', subject.value, listener);
}

/** A fabric for itself on the page, instead of the spec. */
export function openFabric(fabric: FabricSubject): void {
  log.value = null;
  bare.value = fabric;
  without.value = fabric.without;
  void plan();
}

/** Back from a file to the spec. */
export function backToSpec(): void {
  bare.value = null;
  log.value = null;
  without.value = [];
  void plan();
}

let timer: ReturnType<typeof setTimeout> | undefined;
const PAUSE = 250;

/** The text as it is being written: planned once the writer pauses. */
export function write(next: string): void {
  text.value = next;
  bare.value = null;
  clearTimeout(timer);
  timer = setTimeout(() => void plan(), PAUSE);
}

/** Another spec: the parts that were taken out of the last network mean nothing in this one. */
export function open(next: string): void {
  clearTimeout(timer);
  bare.value = null;
  log.value = null;
  without.value = [];
  text.value = next;
  void plan();
}

export async function turn(edits: readonly SpecEdit[]): Promise<void> {
  text.value = await ask('edit', { text: text.value, edits });
  without.value = [];
  await plan();
}

export function takeOut(part: string): void {
  if (!without.value.includes(part)) without.value = [...without.value, part];
  void plan();
}

export function putBack(part: string): void {
  without.value = without.value.filter((p) => p !== part);
  void plan();
}

export function look(at: string): void {
  view.value = at;
  void remember();
}

/** Puts what is on the page aside, to compare with. */
export function keep(): void {
  if (bare.value !== null) keepFabric({ ...bare.value, without: without.value });
  else keepPlan();
}

export function keepFabric(fabric: FabricSubject): void {
  const parts = fabric.without.length > 0 ? ` without ${fabric.without.join(', ')}` : '';
  const name = unused(
    `${fabric.name}${parts}`,
    keptFabrics.value.map((k) => k.name),
  );
  keptFabrics.value = [...keptFabrics.value, { ...fabric, name }];
  notice.value = `Kept: ${name}. Drop another fabric, or take something out, and look at Compare.`;
}

function unused(name: string, taken: readonly string[]): string {
  const alike = taken.filter((t) => t.startsWith(name)).length;
  return alike > 0 ? `${name} (${alike + 1})` : name;
}

function keepPlan(): void {
  const title =
    without.value.length > 0 ? `without ${without.value.join(', ')}` : (drawn.value?.title ?? 'plan');
  const name = unused(
    title,
    kept.value.map((k) => k.name),
  );
  kept.value = [...kept.value, { ...subject.value, name }];
  notice.value = `Kept: ${name}. Change something and look at Compare.`;
}

/** The address always holds what is on the page. */
async function remember(): Promise<void> {
  if (bare.value !== null || log.value !== null) return;
  history.replaceState(null, '', await toFragment({ ...subject.value, view: view.value }));
}

export async function share(): Promise<void> {
  await remember();
  try {
    await navigator.clipboard.writeText(location.href);
    notice.value = 'The link is in the clipboard: it holds the whole spec.';
  } catch {
    notice.value = 'Copy the address of this page: it holds the whole spec.';
  }
}

/** What the address says, or the first preset. */
export async function begin(): Promise<void> {
  const linked = await fromFragment(location.hash);
  if (linked === null && location.hash.length > 1)
    notice.value = 'The link could not be read; this is an example instead.';
  text.value = linked?.text ?? PRESETS[FIRST]!;
  files.value = linked?.files ?? {};
  without.value = linked?.without ?? [];
  view.value = linked?.view ?? 'plan';
  await plan();
}
