import type { LinearProgram, LinearSolution, LinearSolver } from './solver.ts';

/**
 * HiGHS (Huangfu and Hall, doi:10.1007/s12532-017-0130-5) behind the solver seam: the `highs` package, WebAssembly,
 * fetched on the first call and kept. Single-threaded, fixed seed, interior point and then crossover to a vertex;
 * work is limited by iterations, never by seconds.
 */
export function loadHighs(): Promise<LinearSolver> {
  // The package's types describe its CommonJS build; imported as a module, `default` is the loader itself.
  loading ??= import('highs').then(async (module) => adapter(await (module.default as unknown as Loader)()));
  return loading;
}

type Loader = typeof import('highs')['default'];
type Highs = Awaited<ReturnType<Loader>>;

let loading: Promise<LinearSolver> | null = null;

/** Enough for every programme that fits in memory; a bound against cycling rather than a budget. */
const ITERATIONS = 1000000;

/** Below this many columns the simplex method is the faster one; above, interior point. Measured on routing bounds. */
const SIMPLEX_COLUMNS = 2000;

function adapter(highs: Highs): LinearSolver {
  return {
    name: 'HiGHS',
    solve(program, options = {}) {
      const iterations = options.iterations ?? ITERATIONS;
      return highs.withModel(modelOf(program, highs.infinity), (model): LinearSolution => {
        model.options.set({
          output_flag: false,
          random_seed: 0,
          solver: program.columns < SIMPLEX_COLUMNS ? 'simplex' : 'ipm',
          simplex_iteration_limit: iterations,
          ipm_iteration_limit: iterations,
        });
        model.run();
        const solution = model.getSolution();
        return {
          status: statusOf(model.getModelStatus(), highs.constants.modelStatus),
          objective: model.getObjectiveValue(),
          x: solution.colValue,
          dual: solution.rowDual,
        };
      });
    },
  };
}

function modelOf(program: LinearProgram, infinity: number) {
  const finite = (bounds: Float64Array) =>
    bounds.map((x) => (x === Infinity ? infinity : x === -Infinity ? -infinity : x));
  return {
    numCols: program.columns,
    numRows: program.rows,
    colCost: program.cost,
    colLower: finite(program.columnLower),
    colUpper: finite(program.columnUpper),
    rowLower: finite(program.rowLower),
    rowUpper: finite(program.rowUpper),
    matrix: {
      format: 'csc' as const,
      numRows: program.rows,
      numCols: program.columns,
      starts: program.start,
      indices: program.index,
      values: program.value,
    },
  };
}

function statusOf(code: number, known: Highs['constants']['modelStatus']): LinearSolution['status'] {
  if (code === known.optimal || code === known.empty) return 'optimal';
  if (code === known.infeasible) return 'infeasible';
  if (code === known.unbounded || code === known.unboundedOrInfeasible) return 'unbounded';
  if (code === known.iterationLimit) return 'iteration-limit';
  throw new Error(`HiGHS ended with model status ${code}`);
}
