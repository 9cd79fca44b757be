import { type Compiled, compiled } from '@polymodal/core';
import type { KeyValueCache, Past } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { CachedPass, PassInputs, PassResults } from './cached-pass';
import type { CacheSizes, Decodable } from './decodable';

/** Runs new tokens through a model with a cache; compiled once for any number of rows, tokens and slots, where the backend can. */
export class CachedDecoder implements CachedPass {
  readonly #model: Decodable;
  /** By what they are given, and the length that positions are scaled by. */
  readonly #programs = new Map<string, Compiled<tf.NamedTensorMap, tf.NamedTensorMap>>();
  #backend = '';

  constructor(model: Decodable) {
    this.#model = model;
  }

  get cacheSizes(): CacheSizes {
    return this.#model.cacheSizes;
  }

  run(inputs: PassInputs): PassResults {
    const { features, memory, positions, places, biases, caches } = inputs;
    const results = this.#program(inputs)({
      ...named(features, featureName),
      ...named(memory, memoryName),
      positions,
      places,
      ...Object.fromEntries([...biases].map(([window, bias]) => [biasName(window), bias])),
      ...flattened(caches, before),
    });
    return { outputs: unnamed(results, outputName), caches: gathered(results, caches.length, after) };
  }

  dispose(): void {
    for (const program of this.#programs.values()) program.dispose();
    this.#programs.clear();
  }

  #program({ features, memory, length }: PassInputs): Compiled<tf.NamedTensorMap, tf.NamedTensorMap> {
    if (this.#backend !== tf.getBackend()) this.dispose();
    this.#backend = tf.getBackend();
    const names = Object.keys(features);
    const key = JSON.stringify([names, Object.keys(memory), length]);
    const existing = this.#programs.get(key);
    if (existing) return existing;
    const { memoryAxes = {}, cacheSizes } = this.#model;
    const { windows } = cacheSizes;
    const layers = windows.map((_, layer) => layer);
    const caches = layers.flatMap((layer) => kinds.map((kind) => [before(kind, layer), after(kind, layer)] as const));
    const biases = windows.map((window) => [biasName(window), { 0: 'rows', 2: 'tokens', 3: 'slots' }]);
    const program = compiled((inputs) => this.#pass(inputs, length), {
      donate: Object.fromEntries(caches),
      dynamicAxes: {
        ...Object.fromEntries(names.map((name) => [featureName(name), { 0: 'rows', 1: 'tokens' }])),
        ...Object.fromEntries(
          Object.keys(memory).map((name) => [memoryName(name), { 0: 'rows', ...memoryAxes[name] }]),
        ),
        positions: { 0: 'rows', 1: 'tokens' },
        places: { 0: 'rows', 2: 'tokens' },
        ...Object.fromEntries(biases),
        ...Object.fromEntries(caches.map(([name]) => [name, { 0: 'rows', 2: 'slots' }])),
      },
      maxPrograms: mostPrograms,
      takesTurns: true, // with what embeds the new tokens, and what chooses those that follow
    });
    this.#programs.set(key, program);
    return program;
  }

  #pass(inputs: tf.NamedTensorMap, length: number): tf.NamedTensorMap {
    const { windows } = this.#model.cacheSizes;
    const past: Past = {
      caches: gathered(inputs, windows.length, before),
      places: tf.reshape<tf.Rank.R2>(inputs.places, [inputs.places.size / 3, 3]),
      positions: inputs.positions as tf.Tensor2D,
      biases: new Map(windows.map((window) => [window, inputs[biasName(window)] as tf.Tensor4D])),
      length,
    };
    const given = { features: unnamed(inputs, featureName), memory: unnamed(inputs, memoryName) };
    const decoded = this.#model.decode(given, past);
    return { ...named(decoded.outputs, outputName), ...flattened(decoded.past.caches, after) };
  }
}

/** Each has the weights in the form of its own products: one for a memory of some size, and one for that before. */
const mostPrograms = 2;

const biasName = (window: number) => `bias${window}`;

type Prefixed = (name: string) => string;
const featureName: Prefixed = (name) => `feature.${name}`;
const memoryName: Prefixed = (name) => `memory.${name}`;
const outputName: Prefixed = (name) => `output.${name}`;

function named(tensors: tf.NamedTensorMap, nameOf: Prefixed): tf.NamedTensorMap {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [nameOf(name), tensor]));
}

function unnamed(tensors: tf.NamedTensorMap, nameOf: Prefixed): tf.NamedTensorMap {
  const prefix = nameOf('');
  const own = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

const kinds = ['keys', 'values'] as const;
type NameOf = (kind: (typeof kinds)[number], layer: number) => string;

/** Names of the caches among inputs and outputs, which must differ. */
const before: NameOf = (kind, layer) => `${kind}${layer}`;
const after: NameOf = (kind, layer) => `${kind}${layer}.next`;

function flattened(caches: readonly KeyValueCache[], nameOf: NameOf): tf.NamedTensorMap {
  const tensors = caches.flatMap((cache, layer) => kinds.map((kind) => [nameOf(kind, layer), cache[kind]]));
  return Object.fromEntries(tensors);
}

function gathered(tensors: tf.NamedTensorMap, count: number, nameOf: NameOf): KeyValueCache[] {
  return Array.from({ length: count }, (_, layer) => ({
    keys: tensors[nameOf('keys', layer)] as tf.Tensor4D,
    values: tensors[nameOf('values', layer)] as tf.Tensor4D,
  }));
}
