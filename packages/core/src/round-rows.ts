/** Values in integers of 8 bits: each is its integer times the scale of its row. */
export interface RoundedRows {
  /** In [−127, 127]. */
  readonly values: Int8Array;
  /** One for each row. */
  readonly scales: Float32Array;
}

/** So many bits of a scale are 0, so that its product with an integer of 8 bits is exact in float32, which has 24. */
const freeBits = 7;
const lowest = 2 ** freeBits - 1;

/**
 * Rounds values to integers of 8 bits, row by row, symmetrically, so that 0 stays 0: the largest of a row becomes ±127. The scale is what
 * that takes, rounded up to 17 bits. So what the integers stand for are exact float32, of which the same integers are made again: a model
 * that is saved in float32 and loaded computes the same to the bit.
 *
 * @param rows how many there are, one behind the other; of a weight its outputs
 */
export function roundRows(values: Float32Array, rows: number): RoundedRows {
  const rounded = new Int8Array(values.length);
  const scales = new Float32Array(rows);
  const width = values.length / rows;
  for (let row = 0; row < rows; row++) {
    const own = values.subarray(row * width, (row + 1) * width);
    const scale = scaleOf(own);
    scales[row] = scale;
    for (let i = 0; i < width; i++) rounded[row * width + i] = Math.round(own[i] / scale);
  }
  return { values: rounded, scales };
}

function scaleOf(row: Float32Array): number {
  let largest = 0;
  for (const value of row) largest = Math.max(largest, Math.abs(value));
  if (largest < smallest) return 1; // all become 0
  const scale = Float32Array.of(largest / 127);
  const bits = new Int32Array(scale.buffer);
  bits[0] = (bits[0] + lowest) & ~lowest;
  return scale[0];
}

/** Scales of smaller rows would have fewer bits than others. */
const smallest = 2 ** -110;
