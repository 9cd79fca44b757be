import type { Values } from './read-tensors';

/** How many of each row take part: of a mask (P, N), P numbers. */
export function maskCounts({ data, shape: [rows, length] }: Values[string]): number[] {
  const values = Array.from(data);
  return Array.from({ length: rows }, (_, row) =>
    values.slice(row * length, (row + 1) * length).reduce((sum, one) => sum + one, 0),
  );
}
