/**
 * The linear-programming seam: minimise c'x subject to rowLower <= Ax <= rowUpper, 0 <= x (or the given
 * bounds). The matrix is sparse by columns (CSC). Work limits count iterations, never seconds, so that
 * the same input gives the same answer on every machine.
 */
export interface LinearProgram {
  readonly columns: number;
  readonly rows: number;
  readonly cost: Float64Array;
  readonly columnLower: Float64Array;
  readonly columnUpper: Float64Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  /** Length columns + 1. */
  readonly start: Int32Array;
  readonly index: Int32Array;
  readonly value: Float64Array;
}

export interface LinearSolution {
  readonly status: 'optimal' | 'infeasible' | 'unbounded' | 'iteration-limit';
  readonly objective: number;
  /** Length columns. */
  readonly x: Float64Array;
  /** Dual value of each row, length rows. */
  readonly dual: Float64Array;
}

export interface LinearSolver {
  readonly name: string;
  solve(program: LinearProgram, options?: { readonly iterations?: number }): LinearSolution;
}
