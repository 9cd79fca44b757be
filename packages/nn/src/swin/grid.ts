/** [rows, columns] of a grid of patches. */
export type Grid = readonly [rows: number, columns: number];
