import * as tf from '@tensorflow/tfjs-core';
import type { HeldType, HostArray } from './data-type';
import { readStoredValues, type StoredValues } from './stored-values';
import type { Value } from './trace';

/** Of what a tensor is made that is held in integers: these times a scale for each index of its first axis. */
interface RoundedData {
  readonly integers: TensorData;
  readonly scales: TensorData;
}

/** One of the arrays that a function of the host computes. */
export interface HostOrigin {
  readonly compute: () => readonly HostArray[];
  readonly index: number;
}

/**
 * What the backend keeps for one TensorFlow.js `dataId`: values in host memory, or the value of the open trace that
 * will become them. Several tensors may share one (views by reshape), so its shape is only the one it was made with.
 */
export class TensorData {
  static #count = 0;

  /** Serial number of the data that was made last. */
  static get lastSerial(): number {
    return TensorData.#count;
  }

  /** Later data has a higher one. */
  readonly serial = ++TensorData.#count;
  /** Where the values can be read, if they lie in a file. */
  readonly stored: StoredValues | null;
  #hostValues: HostArray | null = null;
  /** Encoded strings, for dtype `string`. */
  strings: Uint8Array[] | null = null;
  /** Parts of a complex tensor, for dtype `complex64`. */
  complex: { readonly real: Float32Array; readonly imaginary: Float32Array } | null = null;
  /** Where the data stands in the trace with the id {@link traceId}: as its input, or as a value that it will compute. */
  value: Value | null = null;
  /** Not the trace itself, which data that is seldom used would keep alive. */
  traceId = 0;
  refCount = 1;
  disposed = false;
  /** Whether a captured graph refers to {@link values}, which are left alone then even when the data is disposed. */
  pinned = false;
  /** What the values are multiplied out of, each time that they are asked for. */
  rounded: RoundedData | null = null;
  /** The data that this is a part of, as {@link rounded} has it. */
  whole: TensorData | null = null;
  /** Where the values came from that a function of the host computes, which is called again at every replay. */
  origin: HostOrigin | null = null;

  constructor(
    readonly dtype: tf.DataType | HeldType,
    readonly shape: number[],
    stored: StoredValues | null = null,
  ) {
    this.stored = stored;
  }

  /**
   * Host values; null while they are still to be computed, and for strings and complex numbers. Those in a file are read
   * now, if they have not been before.
   *
   * @throws TensorUnavailableError if their file has been changed
   */
  get values(): HostArray | null {
    if (this.rounded !== null) return multipliedOut(this.rounded);
    if (this.#hostValues === null && this.stored !== null) {
      this.#hostValues = readStoredValues(this.stored, tf.util.sizeFromShape(this.shape));
    }
    return this.#hostValues;
  }

  set values(values: HostArray | null) {
    this.#hostValues = values;
  }

  /** Whether the values lie in a file and have not been read from it. */
  get isUnread(): boolean {
    return this.#hostValues === null && this.stored !== null;
  }
}

function multipliedOut({ integers, scales }: RoundedData): Float32Array {
  const [rounded, factors] = [integers.values!, scales.values!];
  const width = rounded.length / factors.length;
  const values = new Float32Array(rounded.length);
  factors.forEach((factor, row) => {
    for (let i = row * width; i < (row + 1) * width; i++) values[i] = rounded[i]! * factor;
  });
  return values;
}
