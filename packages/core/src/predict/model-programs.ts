import type * as tf from '@tensorflow/tfjs-core';
import type { CompiledOptions } from '../backend/compiled-function';
import type { Batch, ModalityBatch } from '../batch';
import { inferenceContext } from '../context';
import type { Encoders, Fusion } from '../fusion';
import type { HeadTree } from '../head-tree';
import type { Module } from '../module';
import { fuse } from '../part/fuse';
import { duringPass } from '../pass';
import type { Processors } from '../prepared-sample';
import { isAdapterRows, passRows } from './adapter-rows';
import { CompiledForward, type Forward } from './compiled-forward';
import { fusedTensors } from './fused-tensors';
import { scoresFrom } from './head-answers';

/** The parts of a model that a forward pass goes through. */
export interface ForwardParts {
  readonly processors: Processors;
  readonly encoders: Encoders;
  readonly fusion: Fusion;
  readonly tree: HeadTree;
}

/** A program holds the weights that it uses, so that all of them together hold at most so many times the model's. */
const mostCopies = 4;
/** … or this much, which is plenty of programs for a small model. */
const freeBytes = 512 * 2 ** 20;
/** Programs for single lengths that are kept, of models so small that they fit in {@link freeBytes}. */
const programsPerLength = 8;

/**
 * The forward passes of a model from features to the numbers that heads answer from, each compiled at its first use: one for
 * every combination of modalities and heads. Combinations that come when the memory for programs is used up run as they are.
 */
export class ModelPrograms {
  readonly #programs = new Map<string, CompiledForward>();
  #bytes = 0;

  readonly #parts: ForwardParts;

  constructor(parts: ForwardParts) {
    this.#parts = parts;
  }

  /**
   * The numbers that the heads answer from, for rows that all have the same modalities.
   *
   * @param inputs    its features by their names, and what else goes into the pass
   * @param withFused whether what is fused is given too, see {@link fusedTensors}
   */
  run(batch: Batch, heads: readonly string[], inputs: tf.NamedTensorMap, withFused = false): tf.NamedTensorMap {
    const modalities = Object.keys(batch.modalities);
    const key = `${Object.keys(inputs).join()}|${heads.join()}|${withFused}`; // documents have features of their own
    const program = this.#programs.get(key);
    if (program?.isCurrent) return program.run(inputs);
    if (program) this.dispose(); // another backend has become the current one
    return this.#add(key, inputs, modalities, heads, withFused).run(inputs);
  }

  /** Releases every program. A later call compiles anew. */
  dispose(): void {
    for (const program of this.#programs.values()) program.dispose();
    this.#programs.clear();
    this.#bytes = 0;
  }

  #add(
    key: string,
    inputs: tf.NamedTensorMap,
    modalities: readonly string[],
    heads: readonly string[],
    withFused: boolean,
  ): CompiledForward {
    const { encoders, fusion, tree } = this.#parts;
    const all = bytesOf([...Object.values(encoders), fusion, ...Object.values(tree.heads)]);
    const bytes = bytesOf([
      ...modalities.map((name) => encoders[name]),
      fusion,
      ...tree.plan(heads.map((name) => ({ name, rows: [] }))).map(({ name }) => tree.heads[name]),
    ]);
    const fits = this.#bytes + bytes <= Math.max(mostCopies * all, freeBytes);
    const attempts = fits ? attemptsFor(this.#parts.processors, inputs, bytes) : [];
    const program = new CompiledForward(forwardOf(this.#parts, heads, withFused), attempts);
    if (fits) this.#bytes += bytes;
    this.#programs.set(key, program);
    return program;
  }
}

/**
 * The forward pass of rows that all have the modalities whose features it is given.
 *
 * @param withFused whether what is fused is given too, see {@link fusedTensors}
 */
export function forwardOf(
  { encoders, fusion, tree }: ForwardParts,
  heads: readonly string[],
  withFused = false,
): Forward {
  const context = inferenceContext();
  return (inputs) => {
    return duringPass({ context, ...passRows(inputs) }, () => {
      const fused = fuse({ encoders, fusion }, batchOf(inputs), context);
      return { ...scoresFrom(tree, heads, fused, context), ...(withFused && fusedTensors(fused)) };
    });
  };
}

/** Features under the names that {@link batchOf} reads them from. */
export function namedFeatures({ modalities }: Batch): tf.NamedTensorMap {
  const inputs: tf.NamedTensorMap = {};
  for (const modality in modalities) {
    const { features } = modalities[modality];
    for (const feature in features) inputs[`${modality}/${feature}`] = features[feature];
  }
  return inputs;
}

/** The batch of rows that all have the modalities whose features they are. */
export function batchOf(inputs: tf.NamedTensorMap): Batch {
  const [size] = Object.values(inputs)[0].shape;
  const modalities: Record<string, ModalityBatch & { features: Record<string, tf.Tensor> }> = {};
  for (const [path, tensor] of Object.entries(inputs)) {
    if (isAdapterRows(path)) continue;
    const [modality, feature] = splitPath(path);
    modalities[modality] ??= { rows: Int32Array.from({ length: size }, (_, row) => row), features: {} };
    modalities[modality].features[feature] = tensor;
  }
  return { size, modalities, targets: {} };
}

/** With what varies left open: rows and lengths; or else, of models that are small enough, rows alone. */
function attemptsFor(processors: Processors, inputs: tf.NamedTensorMap, bytes: number): CompiledOptions[] {
  const open = openAxes(processors, Object.keys(inputs));
  const rows = Object.fromEntries(Object.keys(inputs).map((path) => [path, { 0: 'rows' }]));
  const hasLengths = Object.values(open).some((axes) => Object.keys(axes).length > 1);
  const perLength = { dynamicAxes: rows, maxPrograms: programsPerLength };
  const isSmall = bytes * programsPerLength <= freeBytes;
  return [{ dynamicAxes: open }, ...(hasLengths && isSmall ? [perLength] : [])];
}

/** Names of the axes of named features that may have any length: the rows, and what processors call lengths. */
export function openAxes(processors: Processors, paths: readonly string[]): Record<string, Record<number, string>> {
  const axes = paths.map((path) => {
    if (isAdapterRows(path)) return [path, { 0: 'rows' }] as const;
    const [modality, feature] = splitPath(path);
    const lengths = Object.entries(processors[modality].lengthAxes?.[feature] ?? {});
    const named = lengths.map(([axis, name]) => [axis, `${modality}/${name}`] as const);
    return [path, { 0: 'rows', ...Object.fromEntries(named) }] as const;
  });
  return Object.fromEntries(axes);
}

function splitPath(path: string): readonly [modality: string, feature: string] {
  const end = path.indexOf('/');
  return [path.slice(0, end), path.slice(end + 1)];
}

/** Of the parameters of some modules, each once. */
function bytesOf(modules: readonly Module[]): number {
  const parameters = new Set(modules.flatMap((module) => [...module.parameters().values()]));
  return [...parameters].reduce((sum, { size }) => sum + 4 * size, 0);
}
