import type * as tf from '@tensorflow/tfjs-core';
import { currentOnnxBackend, type TensorFunction, warmUp } from '../capture/capture-function';
import { CaptureError } from '../errors';
import type { CompileOptions } from './compile-options';
import { CompiledProgram } from './compiled-program';

/** What a compiled function has done so far. */
export interface CompileStatistics {
  readonly programs: number;
  readonly compilations: number;
  /** Compilations that were needed because a variable had been assigned. */
  readonly invalidations: number;
  readonly runs: number;
}

/** A function of named tensors, compiled for inference. */
export interface CompiledFunction<I extends tf.NamedTensorMap, O extends tf.Tensor | tf.NamedTensorMap> {
  /** Computes at once, not when the result is read; without gradients. */
  (inputs: I): O;
  statistics(): CompileStatistics;
  /** Releases the programs. A later call compiles anew. */
  dispose(): void;
}

/**
 * Compiles a function of tensors for inference on the backend `onnx`: the values of its variables become constants,
 * which ONNX Runtime folds and lays out in advance, and no operation is recorded any more.
 *
 * It is compiled at the first call with inputs of certain shapes. A variable that is assigned afterwards invalidates
 * the programs that it is built into: the next call compiles anew, so compile what is trained already.
 *
 * ```ts
 * const weight = tf.variable(tf.randomNormal([16, 4]));
 * const classify = compile(({ x }: { x: tf.Tensor }) => tf.softmax(tf.matMul(x, weight)), { batchSizes: [1, 8, 32] });
 * classify({ x: tf.randomNormal([5, 16]) }).print(); // compiled for 8 rows, of which 5 are used
 * classify.dispose();
 * ```
 *
 * @param fn from named tensors to a tensor or named tensors; synchronous, the same for the same inputs
 * @throws CaptureError, at a call, if fn reads values, writes variables or is not the same at every call
 * @throws ExportError, at a call, if fn is not one graph at all sizes of the dynamic axes
 */
export function compile<I extends tf.NamedTensorMap, O extends tf.Tensor | tf.NamedTensorMap>(
  fn: (inputs: I) => O,
  options: CompileOptions = {},
): CompiledFunction<I, O> {
  const programs = new ProgramsByShape(fn as unknown as TensorFunction, options);
  return Object.assign((inputs: I) => programs.run(inputs) as O, {
    statistics: () => programs.statistics,
    dispose: () => programs.dispose(),
  });
}

class ProgramsByShape {
  /** In the order of use, the last one used at the end. */
  readonly #programs = new Map<string, CompiledProgram>();
  readonly #counts = { compilations: 0, invalidations: 0, runs: 0 };

  readonly #fn: TensorFunction;
  readonly #options: CompileOptions;

  constructor(fn: TensorFunction, options: CompileOptions) {
    this.#fn = fn;
    this.#options = options;
  }

  get statistics(): CompileStatistics {
    return { programs: this.#programs.size, ...this.#counts };
  }

  run(inputs: tf.NamedTensorMap): tf.Tensor | tf.NamedTensorMap {
    const rows = this.#options.batchSizes === undefined ? null : rowsOf(inputs);
    const size =
      rows === null ? null : ([...this.#options.batchSizes!].sort((a, b) => a - b).find((n) => n >= rows) ?? rows);
    const program = this.#programFor(inputs, size);
    this.#counts.runs++;
    const outputs = program.run(inputs, rows === size ? null : rows);
    for (const name in this.#options.donate) inputs[name]?.dispose();
    return outputs;
  }

  dispose(): void {
    for (const program of this.#programs.values()) program.dispose();
    this.#programs.clear();
  }

  #programFor(inputs: tf.NamedTensorMap, size: number | null): CompiledProgram {
    const shapeOf = ({ shape }: tf.Tensor) => (size === null ? shape : [size, ...shape.slice(1)]);
    let key = '';
    for (const name in inputs) {
      const tensor = inputs[name]!;
      key += `${name}:${tensor.dtype}[${this.#fixedPart(name, shapeOf(tensor))}]`;
    }
    let program = this.#programs.get(key);
    this.#programs.delete(key);
    if (program?.isCurrent === false) {
      program.dispose();
      program = undefined;
      this.#counts.invalidations++;
    }
    program ??= this.#compile(inputs, shapeOf, size);
    this.#programs.set(key, program);
    return program;
  }

  /** A shape with names in place of the sizes that may vary. */
  #fixedPart(input: string, shape: readonly number[]): readonly (number | string)[] {
    const names = this.#options.dynamicAxes?.[input];
    return names === undefined ? shape : shape.map((size, axis) => names[axis] ?? size);
  }

  #compile(inputs: tf.NamedTensorMap, shapeOf: (tensor: tf.Tensor) => number[], size: number | null) {
    const backend = currentOnnxBackend();
    if (this.#counts.compilations === 0) warmUp(this.#fn, inputs);
    const specs = Object.entries(inputs).map(
      ([name, own]) => [name, { dtype: own.dtype, shape: shapeOf(own) }] as const,
    );
    const program = CompiledProgram.compile(backend, this.#fn, Object.fromEntries(specs), this.#options);
    this.#counts.compilations++;
    if (size !== null && !program.hasRows(size)) {
      program.dispose();
      refuseRows('outputs');
    }
    const maxPrograms = this.#options.maxPrograms ?? 16;
    for (const [key, oldest] of this.#programs) {
      if (this.#programs.size < maxPrograms) break;
      oldest.dispose();
      this.#programs.delete(key);
    }
    return program;
  }
}

function rowsOf(inputs: tf.NamedTensorMap): number {
  const [rows, ...others] = new Set(Object.values(inputs).map(({ shape }) => shape[0]));
  return rows === undefined || others.length > 0 ? refuseRows('inputs') : rows;
}

function refuseRows(where: 'inputs' | 'outputs'): never {
  throw new CaptureError(`The option batchSizes does not suit the ${where}.`, {
    expected: 'the batch as the first axis of all of them',
    received: `${where} whose first axes differ, or scalars`,
    hint: 'Leave out batchSizes, or move what has no batch axis out of the function.',
  });
}
