import { ShapeError } from './errors';
import { requireArgument } from './require-argument';

/** Numbers in host memory, as small as they can be kept. */
export type HostData = Float32Array | Int32Array | Uint16Array | Int16Array | Uint8Array;

/** Of what type a tensor is on a backend. */
export type TensorType = 'float32' | 'int32';

/**
 * A tensor in host memory, so that it can be made and kept outside a backend (in a worker, a cache, a file).
 *
 * Integers that are small stay so, in caches, in collating and padding: masks in bytes, token ids in 16 bits. No backend knows these
 * types, and what becomes of them there follows from the feature, never from the backend: its `dtype`.
 */
export interface HostTensor<Shape extends readonly number[] = readonly number[]> {
  readonly shape: Shape;
  readonly data: HostData;
  /** Of what type the tensor is on the backend. Default: float32 for floats, int32 for integers of any size; of a mask, `'float32'`. */
  readonly dtype?: TensorType;
}

/** A {@link HostTensor} of one number. */
export type HostScalar = HostTensor<readonly []>;
export type HostTensor1D = HostTensor<readonly [number]>;
export type HostTensor2D = HostTensor<readonly [number, number]>;
export type HostTensor3D = HostTensor<readonly [number, number, number]>;
export type HostTensor4D = HostTensor<readonly [number, number, number, number]>;

/**
 * What a processor makes of one raw value, or of a batch of them: named host tensors. Who says which there are, and of what rank, writes
 * a `type` (TypeScript does not take an `interface` for one):
 *
 * ```ts
 * type SensorFeatures = { readings: HostTensor3D; mask: HostTensor2D };
 * ```
 */
export type Features = Readonly<Record<string, HostTensor>>;

/**
 * A {@link HostTensor} whose data fits its shape.
 *
 * ```ts
 * const readings = hostTensor(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
 * ```
 *
 * @param dtype of what type it is on the backend, if not what {@link HostTensor} has by default
 * @throws ShapeError for data that do not fit the shape, ConfigError for what is neither
 */
export function hostTensor<Shape extends readonly number[] | []>(
  data: HostData,
  shape: Shape,
  dtype?: TensorType,
): HostTensor<Readonly<Shape>> {
  requireArgument(ArrayBuffer.isView(data), 'hostTensor', 'numbers in a typed array, a Float32Array say', data);
  requireArgument(Array.isArray(shape), 'hostTensor, shape', 'a list of lengths', shape);
  const size = shape.reduce((product, length) => product * length, 1);
  if (data.length !== size) {
    throw new ShapeError({
      where: 'feature',
      expected: `${size} values for shape [${shape}]`,
      received: `${data.length}`,
    });
  }
  return dtype ? { data, shape, dtype } : { data, shape };
}

/** Of what type a tensor is once it is on the backend. */
export function tensorType({ data, dtype }: HostTensor): TensorType {
  return dtype ?? (data instanceof Float32Array ? 'float32' : 'int32');
}

/** The numbers of a host tensor as a backend takes them, copied where they are of a smaller type. */
export function tensorValues(tensor: HostTensor): Float32Array | Int32Array {
  const Values = tensorType(tensor) === 'float32' ? Float32Array : Int32Array;
  return tensor.data instanceof Values ? tensor.data : new Values(tensor.data);
}

/**
 * Stacks one feature of P rows, each of the same rank and type, into (P, …), padding every axis at its end.
 *
 * ```ts
 * const [short, long] = [hostTensor(Float32Array.of(1), [1]), hostTensor(Float32Array.of(2, 3), [2])];
 * padAndStack([short, long]); // { data: [1, 0, 2, 3], shape: [2, 2] }
 * ```
 *
 * @param rows the feature of each row
 * @param lengths the length of each axis after padding; by default the longest there is
 * @param fill what padding consists of
 * @throws ShapeError for rows of several types, a row that is longer than asked, and a filling that the type cannot hold
 */
export function padAndStack<Shape extends readonly number[]>(
  rows: readonly HostTensor<Shape>[],
  lengths?: readonly number[],
  fill = 0,
): HostTensor<readonly [number, ...Shape]> {
  const areRows = Array.isArray(rows) && rows.length > 0 && rows.every(isHostTensor);
  requireArgument(areRows, 'padAndStack', 'a list of host tensors, at least one', rows);
  const padded = lengths ?? longestAxes(rows);
  const size = padded.reduce((product, length) => product * length, 1);
  requireOneType(rows);
  const data = emptyLike(rows[0].data, rows.length * size);
  if (fill !== 0) data.fill(requireHeld(fill, data));
  rows.forEach((row, index) => copyInto(data, index * size, padded, row));
  return { ...rows[0], data, shape: [rows.length, ...padded] as unknown as readonly [number, ...Shape] };
}

function isHostTensor(row: Partial<HostTensor> | null | undefined): boolean {
  return ArrayBuffer.isView(row?.data) && Array.isArray(row.shape);
}

/** Zeros of the same type. */
export function emptyLike(data: HostData, length: number): HostData {
  return new (data.constructor as Float32ArrayConstructor)(length);
}

/**
 * 1 where a row has an element, 0 where {@link padAndStack} pads: (P, length), from the length of each row. Bytes, that are float32 on
 * the backend, as every mask is.
 *
 * ```ts
 * lengthMask([1, 2], 2); // { data: [1, 0, 1, 1], shape: [2, 2], dtype: 'float32' }
 * ```
 */
export function lengthMask(rowLengths: readonly number[], length: number): HostTensor2D {
  requireArgument(Array.isArray(rowLengths), 'lengthMask', 'the length of each row', rowLengths);
  const data = new Uint8Array(rowLengths.length * length);
  rowLengths.forEach((rowLength, row) => data.fill(1, row * length, row * length + rowLength));
  return { data, shape: [rowLengths.length, length], dtype: 'float32' };
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

/** Numbers of one type, put among those of another, would be cut to it without a word. */
function requireOneType(rows: readonly HostTensor[]): void {
  const [expected, ...received] = rows.map((row) => `${row.data.constructor.name} that is ${tensorType(row)}`);
  const odd = received.find((own) => own !== expected);
  if (odd !== undefined)
    throw new ShapeError({ where: 'feature', expected: `${expected}, as in the first row`, received: odd });
}

function requireHeld(fill: number, data: HostData): number {
  if (data instanceof Float32Array || data.fill(fill, 0, 1)[0] === fill) return fill;
  throw new ShapeError({
    where: 'feature',
    expected: `a filling that a ${data.constructor.name} can hold`,
    received: String(fill),
  });
}

function copyInto(target: HostData, offset: number, lengths: readonly number[], row: HostTensor): void {
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
