import type * as tf from '@tensorflow/tfjs-core';

/** A function of named tensors, and what it takes to run it. */
export interface Compiled<I extends tf.NamedTensorMap, O extends tf.NamedTensorMap> {
  (inputs: I): O;
  /** Releases what was compiled. */
  dispose(): void;
}

/** Options of {@link compiled}. */
export interface CompiledOptions {
  /** Inputs that the call disposes, and for each the output that may take its memory over: state that a loop hands on. */
  readonly donate?: Readonly<Record<string, string>>;
  /** Names of axes whose size may vary within one program, by input and axis; see `compile` of `@polymodal/backend-onnx`. */
  readonly dynamicAxes?: Readonly<Record<string, Readonly<Record<number, string>>>>;
  /** Combinations of shapes that are kept compiled. */
  readonly maxPrograms?: number;
  /** How products with weights are computed, where the backend has a choice; exactly by default. */
  readonly precision?: 'float32' | 'int8';
  /** Whether calls of other compiled functions come between those of this one, so that its threads shall not spin in wait for the next. */
  readonly takesTurns?: boolean;
}
