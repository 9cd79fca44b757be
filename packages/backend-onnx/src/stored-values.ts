import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { TensorUnavailableError } from './errors';

/**
 * Where the values of a float32 tensor lie in a file: one after the other, or as columns of a matrix, of which the tensor
 * (columns, rows) is the transpose.
 */
export interface StoredValues {
  readonly path: string;
  /** Where the values, or the matrix, begin in the file, in bytes. */
  readonly offset: number;
  readonly columns?: StoredColumns;
  /** The file as it was when the place was found. */
  readonly version: FileVersion;
}

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
    return columns ? readColumns(file, offset, columns) : readFloats(file, offset, size);
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

/** The system reads 2 GiB at a time at most. */
const mostBytes = 2 ** 30;

function readFloats(file: number, offset: number, size: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(size);
  const bytes = new Uint8Array(values.buffer);
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(file, bytes, done, Math.min(mostBytes, bytes.length - done), offset + done);
    if (count === 0) throw new Error('a file that ends before');
    done += count;
  }
  return values;
}

/** Rows of the matrix that are read at a time: a cache line of the transpose. */
const rowsAtOnce = 16;

function readColumns(file: number, offset: number, { matrix, start, count }: StoredColumns): Float32Array<ArrayBuffer> {
  const [rows, width] = matrix;
  const values = new Float32Array(rows * count);
  for (let first = 0; first < rows; first += rowsAtOnce) {
    const height = Math.min(rowsAtOnce, rows - first);
    const block = readFloats(file, offset + 4 * first * width, height * width);
    for (let column = 0; column < count; column++) {
      for (let row = 0; row < height; row++) {
        values[column * rows + first + row] = block[row * width + start + column]!;
      }
    }
  }
  return values;
}
