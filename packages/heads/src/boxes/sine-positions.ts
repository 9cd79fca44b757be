/**
 * Sines and cosines of the places of tokens that lie in a grid, row by row: half of the width for the row, then half for the column, places counted
 * as shares of a full turn (Carion et al. 2020; HF `DetrSinePositionEmbedding` with `normalize`). Tokens in front of the grid have zeros.
 *
 * @param grid  rows and columns
 * @param width D, a multiple of 4
 * @param count N, how many tokens there are
 * @returns     (N, D)
 */
export function sinePositions(grid: readonly [number, number], width: number, count: number): Float32Array {
  const [rows, columns] = grid;
  const [half, front] = [width / 2, count - rows * columns];
  const positions = new Float32Array(count * width);
  for (let token = 0; token < rows * columns; token++) {
    const places = [Math.floor(token / columns) / rows, (token % columns) / columns];
    const steps = [1 / rows, 1 / columns];
    places.forEach((place, axis) => {
      const turn = (place + steps[axis]) * 2 * Math.PI;
      for (let pair = 0; pair < half / 2; pair++) {
        const angle = turn / 10000 ** ((2 * pair) / half);
        const at = (front + token) * width + axis * half + 2 * pair;
        positions[at] = Math.sin(angle);
        positions[at + 1] = Math.cos(angle);
      }
    });
  }
  return positions;
}
