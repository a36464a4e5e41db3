import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { TrafficSpec } from '../spec/types.ts';
import { forEachGroup, groupCount, groupSize } from '../workload/groups.ts';
import type { Operation } from '../workload/types.ts';
import { checkExpertChoice, type ExpertChoice, expertSharing } from './experts.ts';
import { rankLayout } from './layout.ts';
import { groupShape } from './shapes.ts';
import { TransferBuilder } from './transfers.ts';
import type { RankLayout, Traffic, TrafficInput } from './types.ts';

/**
 * Stage 2: every operation of the workload as transfers between ranks. Pure. Issues for a rank map, a list of
 * popularities, a node limit or an all-pairs collective that does not fit. `given`: transferBuilder of this input, or of
 * one that differs only in its operations. O(transfers).
 */
export function analyseTraffic(
  input: TrafficInput,
  given: Result<TransferBuilder> = transferBuilder(input),
): Result<Traffic> {
  if (!given.ok) return given;
  const { operations } = input.workload;
  const { layout } = given.value;
  const choice = choiceOf(input);
  const issues = operations.flatMap((operation) => [
    ...checkChoice(operation, layout, choice),
    ...checkSize(operation, input.traffic.collective),
  ]);
  return issues.length > 0
    ? fail(issues)
    : ok({ layout, transfers: given.value.buildAll(operations, input.tuner) });
}

/** What builds the transfers of operations: of the workload it reads the ranks and their stages alone. */
export function transferBuilder(input: TrafficInput): Result<TransferBuilder> {
  const { ranks, stageStride } = input.workload;
  const layout = rankLayout(ranks, input.gpusPerNode, input.rankMap);
  if (!layout.ok) return layout;
  const choice = choiceOf(input);
  const options = {
    collective: input.traffic.collective,
    stageStride,
    ...(choice === null ? {} : { shares: expertSharing(choice) }),
  };
  return ok(new TransferBuilder(layout.value, options));
}

function choiceOf({ experts, traffic, seed }: TrafficInput): ExpertChoice | null {
  if (experts === undefined) return null;
  return { ...experts, popularity: traffic.experts, nodeLimit: traffic.nodeLimit, seed };
}

/**
 * Who wants how much from whom, before forwarding and de-duplication: the same operations sent straight from rank
 * to rank. Collectives keep their algorithm, since they have no demand of their own between pairs.
 */
export function logicalTraffic(input: TrafficInput): Result<Traffic> {
  const operations = input.workload.operations.map((o): Operation => ({ ...o, forwarding: 'none' }));
  return analyseTraffic({ ...input, workload: { ...input.workload, operations } });
}

/** Dispatch says what is wrong for all of a model's expert operations. */
function checkChoice(operation: Operation, layout: RankLayout, choice: ExpertChoice | null): Issue[] {
  if (operation.id !== 'expert-dispatch-forward' || choice === null) return [];
  let issues: Issue[] | null = null;
  forEachGroup(operation.groups, (members) => {
    issues ??= checkExpertChoice(choice, groupShape(members, layout));
  });
  return issues ?? [];
}

/** All pairs of a group that is too large would not fit in memory, nor does anybody run it. */
const MOST_PAIRS = 16_777_216;

function checkSize(operation: Operation, collective: TrafficSpec['collective']): Issue[] {
  const reduces = ['all-reduce', 'reduce-scatter', 'all-gather'].includes(operation.kind);
  const size = groupSize(operation.groups);
  const pairs = size * size * groupCount(operation.groups);
  if (collective !== 'direct' || !reduces || pairs <= MOST_PAIRS) return [];
  return [
    issue({
      code: 'direct-too-large',
      path: ['traffic', 'collective'],
      message: `direct ${operation.kind} among groups of ${size} has ${pairs} pairs (${operation.id})`,
      found: 'direct',
      allowed: `at most ${MOST_PAIRS} pairs`,
      hint: 'use ring or hierarchical',
    }),
  ];
}
