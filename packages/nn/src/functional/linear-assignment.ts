import { backendCapabilities, ShapeError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { withoutGradient } from '../without-gradient';

/**
 * To which column each row of a matrix is assigned, each column to one row at most, so that the costs together are least: the linear
 * assignment problem, solved exactly (SciPy's `linear_sum_assignment`). A cost that is not a number counts as the greatest that there is, as
 * in HF `HungarianMatcher`. There is no gradient.
 *
 * It is computed in host memory, so that the costs are read: a step of training with it is recorded each time in place of being replayed.
 *
 * @param costs (P, R, C), R ≤ C
 * @param mask  (P, R), 1 = takes part
 * @returns     int32 (P, R), −1 for rows that take no part
 * @throws ShapeError
 */
export function linearAssignment(costs: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
  const [count, rows, columns] = costs.shape;
  if (rows > columns || !tf.util.arraysEqual(mask.shape, [count, rows])) {
    throw new ShapeError({
      where: 'linearAssignment',
      expected: 'costs [P, R, C] of no more rows than columns, and a mask [P, R]',
      received: `[${costs.shape}] and [${mask.shape}]`,
    });
  }
  return withoutGradient(() => {
    backendCapabilities().separate?.(); // what comes before and after is compiled, each by itself
    const [values, takesPart] = [costs.dataSync(), mask.dataSync()];
    const assigned = new Int32Array(count * rows).fill(-1);
    for (let matrix = 0; matrix < count; matrix++) {
      const own = Array.from({ length: rows }, (_, row) => matrix * rows + row).filter((row) => takesPart[row] === 1);
      const found = assignRows(
        own.map((row) => values.subarray(row * columns, (row + 1) * columns)),
        columns,
      );
      own.forEach((row, place) => {
        assigned[row] = found[place];
      });
    }
    return tf.tensor2d(assigned, [count, rows], 'int32');
  });
}

/**
 * The same of one matrix: rows are let in one after the other, each along the shortest path of changes to those before (Crouse 2016, "On
 * implementing 2D rectangular assignment algorithms"), which takes R² · C steps at most.
 */
function assignRows(costs: readonly ArrayLike<number>[], columns: number): number[] {
  const rowPrices = new Float64Array(costs.length);
  const columnPrices = new Float64Array(columns);
  const rowOf = new Int32Array(columns).fill(-1);
  for (const start of costs.keys()) {
    const shortest = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
    const before = new Int32Array(columns).fill(-1); // the column on the path before each, −1 for the row that is let in
    const reached = new Uint8Array(columns);
    let [row, from, length] = [start, -1, 0];
    for (;;) {
      let nearest = -1;
      for (let column = 0; column < columns; column++) {
        if (reached[column]) continue;
        const way = length + finite(costs[row][column]) - rowPrices[row] - columnPrices[column];
        if (way < shortest[column]) [shortest[column], before[column]] = [way, from];
        // Of columns that are equally near a free one ends the search.
        const isNearer =
          nearest < 0 ||
          shortest[column] < shortest[nearest] ||
          (shortest[column] === shortest[nearest] && rowOf[column] < 0 && rowOf[nearest] >= 0);
        if (isNearer) nearest = column;
      }
      length = shortest[nearest];
      reached[nearest] = 1;
      from = nearest;
      if (rowOf[nearest] < 0) break;
      row = rowOf[nearest];
    }
    rowPrices[start] += length;
    for (let column = 0; column < columns; column++) {
      if (!reached[column] || column === from) continue;
      rowPrices[rowOf[column]] += length - shortest[column];
      columnPrices[column] -= length - shortest[column];
    }
    for (let column = from; column >= 0; column = before[column]) {
      rowOf[column] = before[column] < 0 ? start : rowOf[before[column]];
    }
  }
  const columnOf = new Array<number>(costs.length).fill(-1);
  rowOf.forEach((row, column) => {
    if (row >= 0) columnOf[row] = column;
  });
  return columnOf;
}

/** As `torch.nan_to_num` with the greatest number of float32, so that such a pair is taken where there is no other. */
function finite(cost: number): number {
  return Number.isFinite(cost) ? cost : 3.4028234663852886e38;
}
