import { describe, expect, test } from 'vitest';
import { evaluateExpectation, parseExpectation } from './expect.ts';
import type { Expectation } from './types.ts';

function parsed(text: string): Expectation {
  const result = parseExpectation(text);
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

describe('parseExpectation', () => {
  test.each<[string, (string | number)[], string, number]>([
    ['routing.ratioToWhole <= 1.02', ['routing', 'ratioToWhole'], '<=', 1.02],
    ['profile.hotLinks[0].utilisation>95 %', ['profile', 'hotLinks', 0, 'utilisation'], '>', 0.95],
    ['step.seconds < 20 s', ['step', 'seconds'], '<', 20],
    ['risk.mttf >= 8 h', ['risk', 'mttf'], '>=', 28800],
    ['traffic.rate == 40 GB/s', ['traffic', 'rate'], '==', 4e10],
    ['workload.parameters.total > 670G', ['workload', 'parameters', 'total'], '>', 670e9],
    ['routing.deadlockFree == true', ['routing', 'deadlockFree'], '==', 1],
  ])('%s', (text, path, op, value) => {
    expect(parsed(text)).toEqual({ text, path, op, value });
  });

  test.each([
    ['routing.maxLoad', 'not an expectation'],
    ['routing.maxLoad = 1', 'not an expectation'],
    ['routing..x < 1', 'not a path'],
    ['rooting.x < 1', "no section 'rooting'"],
    ['routing.x < fast', 'not a number'],
    ['workload.parameters.total > 671B', 'bytes or billions'],
    ['routing.x < 1e999', 'not a number'],
  ])('%s is refused', (text, says) => {
    expect(parseExpectation(text)).toMatchObject({
      ok: false,
      problem: { message: expect.stringContaining(says) },
    });
  });
});

describe('evaluateExpectation', () => {
  const plan = {
    routing: { ratio: 1.01, deadlockFree: true, all: [{ x: 3 }], name: 'a' },
    fabric: { switches: 96 },
  };

  test.each<[string, boolean, number]>([
    ['routing.ratio <= 1.02', true, 1.01],
    ['routing.ratio < 1.01', false, 1.01],
    ['routing.deadlockFree == 1', true, 1],
    ['routing.all[0].x >= 3', true, 3],
    ['fabric.switches == 96', true, 96],
    ['fabric.switches > 96', false, 96],
  ])('%s', (text, ok, actual) => {
    expect(evaluateExpectation(plan, parsed(text))).toEqual({ ok, actual });
  });

  test.each([
    ['step.seconds < 1', "the plan has no 'step'"],
    ['routing.ration < 1', "routing has no 'ration'"],
    ['routing.all[1].x < 1', "routing.all has no '1'"],
    ['routing.name < 1', 'not a number'],
    ['routing.all < 1', 'not a number'],
  ])('%s cannot be judged', (text, says) => {
    const outcome = evaluateExpectation(plan, { ...parsed(text), line: 4, column: 5 }, 'a.yaml');
    expect(outcome).toMatchObject({
      severity: 'error',
      file: 'a.yaml',
      line: 4,
      message: expect.stringContaining(says),
    });
  });
});
