import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { TensorUnavailableError } from './errors';

/** The values of a float32 tensor in a file: where they lie, and in which type. */
export type StoredValues = StoredPlace & StoredType;

/**
 * Where values lie in a file: one after the other, or as columns of a matrix, of which the tensor (columns, rows) is the
 * transpose.
 */
interface StoredPlace {
  readonly path: string;
  /** Where the values, or the matrix, begin in the file, in bytes. */
  readonly offset: number;
  readonly columns?: StoredColumns;
  /** The file as it was when the place was found. */
  readonly version: FileVersion;
}

/**
 * A type by its name in the safetensors format, little-endian. What is narrower comes with `widen`, which writes values as
 * float32 to an array, from `start` on.
 */
type StoredType =
  | { readonly dtype: 'F32' }
  | {
      readonly dtype: 'F16' | 'BF16';
      readonly widen: (stored: Uint8Array<ArrayBuffer>, values: Float32Array<ArrayBuffer>, start: number) => void;
    };

/** Some columns of a matrix in a file. */
export interface StoredColumns {
  /** Shape of the matrix. */
  readonly matrix: readonly [rows: number, columns: number];
  readonly start: number;
  readonly count: number;
}

/** What tells a file from one that has replaced it, or that it has become. */
interface FileVersion {
  readonly inode: number;
  readonly size: number;
  readonly modifiedMs: number;
}

/** Whether a file still is what it was. */
export function isUnchanged({ path, version }: Pick<StoredValues, 'path' | 'version'>): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return now !== undefined && sameVersion(now, version);
}

/**
 * Reads the values of a tensor of `size` elements.
 *
 * @throws TensorUnavailableError if the file is not what it was
 */
export function readStoredValues(stored: StoredValues, size: number): Float32Array<ArrayBuffer> {
  const { path, offset, columns, version } = stored;
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    if (!sameVersion(fstatSync(file), version)) throw new Error('a file that has been changed or replaced');
    return columns ? readColumns(file, stored, columns) : readFloats(file, stored, offset, size);
  } catch (cause) {
    throw new TensorUnavailableError(`A tensor can no longer be read from ${path}.`, {
      expected: 'the file as it was when the model was loaded from it',
      received: cause instanceof Error ? cause.message : String(cause),
      hint: 'Load the model again, and leave its files in place while it is used.',
      cause,
    });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function sameVersion({ ino, size, mtimeMs }: Stats, version: FileVersion): boolean {
  return ino === version.inode && size === version.size && mtimeMs === version.modifiedMs;
}

/** What is widened at a time, in bytes; even. */
const widenedBytes = 1 << 20;

/** Values that lie one after the other from a place in the file on. */
function readFloats(file: number, type: StoredType, offset: number, size: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(size);
  if (type.dtype === 'F32') {
    readBytes(file, new Uint8Array(values.buffer), offset);
    return values;
  }
  const length = 2 * size;
  const buffer = new Uint8Array(Math.min(widenedBytes, length));
  for (let done = 0; done < length; done += buffer.length) {
    const stored = buffer.subarray(0, length - done);
    readBytes(file, stored, offset + done);
    type.widen(stored, values, done / 2);
  }
  return values;
}

/** The system reads 2 GiB at a time at most. */
const mostBytes = 2 ** 30;

function readBytes(file: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(file, bytes, done, Math.min(mostBytes, bytes.length - done), offset + done);
    if (count === 0) throw new Error('a file that ends before');
    done += count;
  }
}

/** Rows of the matrix that are read at a time: a cache line of the transpose. */
const rowsAtOnce = 16;

function readColumns(
  file: number,
  stored: StoredValues,
  { matrix, start, count }: StoredColumns,
): Float32Array<ArrayBuffer> {
  const [rows, width] = matrix;
  const rowBytes = width * (stored.dtype === 'F32' ? 4 : 2);
  const values = new Float32Array(rows * count);
  for (let first = 0; first < rows; first += rowsAtOnce) {
    const height = Math.min(rowsAtOnce, rows - first);
    const block = readFloats(file, stored, stored.offset + first * rowBytes, height * width);
    for (let column = 0; column < count; column++) {
      for (let row = 0; row < height; row++) {
        values[column * rows + first + row] = block[row * width + start + column]!;
      }
    }
  }
  return values;
}
