import { ShapeError } from './errors';

/** A tensor in host memory, so that it can be made and kept outside a backend (in a worker, a cache, a file). */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** What a processor makes of one raw value, or of a batch of them: named host tensors. */
export type Features = Readonly<Record<string, HostTensor>>;

/**
 * A {@link HostTensor} whose data fits its shape.
 *
 * ```ts
 * const readings = hostTensor(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
 * ```
 *
 * @throws ShapeError
 */
export function hostTensor(data: HostTensor['data'], shape: readonly number[]): HostTensor {
  const size = shape.reduce((product, length) => product * length, 1);
  if (data.length !== size) {
    throw new ShapeError({
      where: 'feature',
      expected: `${size} values for shape [${shape}]`,
      received: `${data.length}`,
    });
  }
  return { data, shape };
}

/**
 * Stacks one feature of P rows, each of the same rank, into (P, …), padding every axis at its end.
 *
 * ```ts
 * const [short, long] = [hostTensor(Float32Array.of(1), [1]), hostTensor(Float32Array.of(2, 3), [2])];
 * padAndStack([short, long]); // { data: [1, 0, 2, 3], shape: [2, 2] }
 * ```
 *
 * @param rows the feature of each row
 * @param lengths the length of each axis after padding; by default the longest there is
 * @param fill what padding consists of
 */
export function padAndStack(rows: readonly HostTensor[], lengths = longestAxes(rows), fill = 0): HostTensor {
  const size = lengths.reduce((product, length) => product * length, 1);
  const Values = rows[0].data.constructor as Float32ArrayConstructor | Int32ArrayConstructor;
  const data = new Values(rows.length * size);
  if (fill !== 0) data.fill(fill);
  rows.forEach((row, index) => copyInto(data, index * size, lengths, row));
  return { data, shape: [rows.length, ...lengths] };
}

/**
 * 1 where a row has an element, 0 where {@link padAndStack} pads: (P, length), from the length of each row.
 *
 * ```ts
 * lengthMask([1, 2], 2); // { data: [1, 0, 1, 1], shape: [2, 2] }
 * ```
 */
export function lengthMask(rowLengths: readonly number[], length: number): HostTensor {
  const data = new Float32Array(rowLengths.length * length);
  rowLengths.forEach((rowLength, row) => data.fill(1, row * length, row * length + rowLength));
  return { data, shape: [rowLengths.length, length] };
}

/**
 * The smallest multiple of `step` that holds `length`. Padding to buckets keeps the number of different shapes small,
 * and with it the number of programs that a compiling backend builds.
 *
 * ```ts
 * bucketLength(33, 32); // 64
 * ```
 */
export function bucketLength(length: number, step: number): number {
  return Math.max(step, Math.ceil(length / step) * step);
}

function longestAxes(rows: readonly HostTensor[]): number[] {
  return rows[0].shape.map((_, axis) => Math.max(...rows.map((row) => row.shape[axis] ?? 0)));
}

function copyInto(target: HostTensor['data'], offset: number, lengths: readonly number[], row: HostTensor): void {
  if (row.shape.length !== lengths.length || row.shape.some((length, axis) => length > lengths[axis])) {
    throw new ShapeError({
      where: 'feature',
      expected: `at most [${lengths}] with ${lengths.length} axes in every row`,
      received: `[${row.shape}]`,
    });
  }
  if (row.shape.every((length, axis) => length === lengths[axis])) {
    target.set(row.data, offset); // nothing to pad
    return;
  }
  const rowLength = row.shape.at(-1) ?? 1;
  const paddedLength = lengths.at(-1) ?? 1;
  const lines = row.data.length / Math.max(rowLength, 1);
  for (let line = 0; line < lines; line++) {
    let position = 0; // where the line begins in the padded row
    let stride = paddedLength;
    let rest = line;
    for (let axis = lengths.length - 2; axis >= 0; axis--) {
      position += (rest % row.shape[axis]) * stride;
      rest = Math.floor(rest / row.shape[axis]);
      stride *= lengths[axis];
    }
    target.set(row.data.subarray(line * rowLength, (line + 1) * rowLength), offset + position);
  }
}
