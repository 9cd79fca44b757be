/**
 * Dynamic time warping (Sakoe and Chiba 1978): the path of least cost through a matrix whose rows and columns both go on in time.
 *
 * @param costs (rows, columns), row by row
 * @returns     for each row the column at which the path comes to it
 */
export function timeWarping(costs: Float32Array, rows: number, columns: number): Int32Array {
  const width = columns + 1;
  const least = new Float32Array((rows + 1) * width).fill(Number.POSITIVE_INFINITY);
  const steps = new Uint8Array((rows + 1) * width);
  least[0] = 0;
  for (let row = 1; row <= rows; row++) {
    for (let column = 1; column <= columns; column++) {
      const at = row * width + column;
      const [diagonal, above, before] = [least[at - width - 1]!, least[at - width]!, least[at - 1]!];
      let [step, best] = [left, before];
      if (diagonal < above && diagonal < before) [step, best] = [both, diagonal];
      else if (above < diagonal && above < before) [step, best] = [up, above];
      least[at] = costs[(row - 1) * columns + column - 1]! + best;
      steps[at] = step;
    }
  }
  const columnOf = new Int32Array(rows);
  for (let [row, column] = [rows, columns]; row > 0; ) {
    columnOf[row - 1] = column - 1;
    const step = steps[row * width + column]!;
    if (step !== left) row--;
    if (step !== up) column--;
  }
  return columnOf;
}

const [both, up, left] = [0, 1, 2];
