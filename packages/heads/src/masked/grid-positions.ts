/**
 * Sines and cosines of the places of blocks in their grid, row by row: each axis has an equal part of the width (He et al. 2022, appendix A.1).
 *
 * @param grid how many blocks there are along each axis
 * @returns (L, width), what is left over by the axes being 0
 */
export function gridPositions(grid: readonly number[], width: number): Float32Array {
  const count = grid.reduce((product, length) => product * length, 1);
  const pairs = Math.floor(width / (2 * grid.length)); // of an axis
  const positions = new Float32Array(count * width);
  for (let index = 0; index < count; index++) {
    let rest = index;
    for (let axis = grid.length - 1; axis >= 0; axis--) {
      const place = rest % grid[axis];
      rest = Math.floor(rest / grid[axis]);
      for (let pair = 0; pair < pairs; pair++) {
        const angle = place * 10000 ** (-pair / pairs);
        const at = index * width + 2 * (axis * pairs + pair);
        positions[at] = Math.sin(angle);
        positions[at + 1] = Math.cos(angle);
      }
    }
  }
  return positions;
}
