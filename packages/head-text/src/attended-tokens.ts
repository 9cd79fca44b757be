import { type Fused, fusedPart } from '@polymodal/core';
import type { KeyValueCache } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';

/** What is written about: the tokens that a fusion, or an encoder alone, made of each row. */
export interface AttendedTokens {
  /** (B, M, Da) */
  readonly tokens: tf.Tensor3D;
  /** (B, M), 1 = takes part. */
  readonly mask: tf.Tensor2D;
}

/** The same as the layers of a decoder look at it: computed once, for all that is written. */
export interface KeptTokens {
  /** Of each layer, (B, H, M, d). */
  readonly layers: readonly KeyValueCache[];
  /** (B, M), 1 = takes part. */
  readonly mask: tf.Tensor2D;
}

/** The tokens of a fused batch, or of these rows those of one slot's encoder alone, which all of them must have. */
export function attendedTokens(fused: Fused, slot: string | undefined): AttendedTokens {
  return slot === undefined ? fused : fusedPart(fused, 'encoded')[slot];
}

/** Tensors by name, each with the rows first: what a compiled pass is given beside its tokens. */
export function keptTensors({ layers, mask }: KeptTokens): tf.NamedTensorMap {
  const named = layers.flatMap(({ keys, values }, index) => [
    [keysOf(index), keys],
    [valuesOf(index), values],
  ]);
  return { ...Object.fromEntries(named), mask };
}

/** What {@link keptTensors} was given. @param depth how many layers there are */
export function keptTokens(tensors: tf.NamedTensorMap, depth: number): KeptTokens {
  const layers = Array.from({ length: depth }, (_, index) => ({
    keys: tensors[keysOf(index)] as tf.Tensor4D,
    values: tensors[valuesOf(index)] as tf.Tensor4D,
  }));
  return { layers, mask: tensors.mask as tf.Tensor2D };
}

/** Which axes of {@link keptTensors} vary with M. */
export function keptAxes(depth: number): Readonly<Record<string, Readonly<Record<number, string>>>> {
  const named = Array.from({ length: depth }, (_, index) => [keysOf(index), valuesOf(index)]).flat();
  return { ...Object.fromEntries(named.map((name) => [name, { 2: 'attended' }])), mask: { 1: 'attended' } };
}

const keysOf = (index: number) => `keys${index}`;
const valuesOf = (index: number) => `values${index}`;
