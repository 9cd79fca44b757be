import type { SafetensorsDtype } from '@polymodal/core';

/** What is known of a tensor before it is read. */
export interface TensorInfo {
  /** How it is stored. */
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
}

/**
 * A tensor as TensorFlow.js holds it: F64, F32, F16 and BF16 become float32 (F64 is rounded; beyond float32's range that is
 * ±Infinity, as in PyTorch), integers int32, BOOL bool with 0 and 1.
 */
export type CheckpointTensor =
  | { readonly shape: readonly number[]; readonly dtype: 'float32'; readonly data: Float32Array<ArrayBuffer> }
  | { readonly shape: readonly number[]; readonly dtype: 'int32'; readonly data: Int32Array<ArrayBuffer> }
  | { readonly shape: readonly number[]; readonly dtype: 'bool'; readonly data: Uint8Array<ArrayBuffer> };

/** Where the values of a tensor lie in a file, one after the other. */
export interface StoredPlace {
  readonly path: string;
  /** Where the values begin in the file, in bytes. */
  readonly offset: number;
  readonly dtype: 'F32' | 'F16' | 'BF16';
  /** The file as it was when it was opened, so that another one in its place is noticed. */
  readonly version: { readonly inode: number; readonly size: number; readonly modifiedMs: number };
}

/** The tensors of a model on disk, in one file or several. Opening reads headers only; data come tensor by tensor. */
export interface Checkpoint {
  /** The path it was opened at. */
  readonly path: string;
  readonly names: readonly string[];
  /** Texts beside the tensors, such as `format: 'pt'`. */
  readonly metadata: Readonly<Record<string, string>>;
  has(name: string): boolean;
  /** @throws UnknownNameError for a name that is not among `names` */
  info(name: string): TensorInfo;
  /**
   * Where a tensor can be read later, without this checkpoint; undefined for one that is not stored as F32, F16 or BF16.
   *
   * @throws UnknownNameError for a name that is not among `names`
   */
  place(name: string): StoredPlace | undefined;
  /**
   * Reads one tensor into an array of its own, which the caller may keep and change.
   *
   * @throws UnknownNameError for a name that is not among `names`
   * @throws FileFormatError for an integer that int32 does not hold, a type that TensorFlow.js has not, or a file that has
   *   become shorter
   * @throws StateError after `close`
   */
  read(name: string): Promise<CheckpointTensor>;
  /** Closes the files. May be called twice. */
  close(): Promise<void>;
}
