import type { Values } from './read-tensors';

/** The tokens of one row that take part, in order, and its pooled vector. */
export function rowValues(values: Values, row: number): Values {
  const { tokens, mask, pooled } = values;
  const [, length, width] = tokens.shape;
  const valid = Array.from({ length }, (_, token) => token).filter((token) => mask.data[row * length + token] === 1);
  const data = valid.flatMap((token) => slice(tokens.data, (row * length + token) * width, width));
  return {
    tokens: { shape: [valid.length, width], data },
    pooled: { shape: [pooled.shape[1]], data: slice(pooled.data, row * pooled.shape[1], pooled.shape[1]) },
  };
}

function slice(data: ArrayLike<number>, start: number, length: number): number[] {
  return Array.from({ length }, (_, index) => data[start + index]);
}
