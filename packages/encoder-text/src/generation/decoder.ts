import { type Compiled, compiled } from '@polymodal/core';
import type { KeyValueCache } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { CausalEncoder } from './causal-encoder';
import { Decoding } from './decoding';

/** What a {@link Decoder} needs of a language model. */
export interface Decodable {
  readonly encoder: CausalEncoder;
  /** (…, D) → (…, V) */
  logits<T extends tf.Tensor>(tokens: T): T;
}

/** The tensors of N new tokens, as `DecodingStep` has them; the biases by their windows. */
export interface StepInputs {
  readonly inputIds: tf.Tensor2D;
  readonly positionIds: tf.Tensor2D;
  /** int32 (B · Hkv, N, 3) */
  readonly places: tf.Tensor3D;
  readonly biases: ReadonlyMap<number, tf.Tensor4D>;
}

/** Runs new tokens through a language model; compiled once for each number of rows, where the backend can. */
export class Decoder {
  readonly #model: Decodable;
  /** By the length that positions are scaled by. */
  readonly #programs = new Map<number, Compiled<tf.NamedTensorMap, tf.NamedTensorMap>>();
  #backend = '';

  constructor(model: Decodable) {
    this.#model = model;
  }

  get encoder(): CausalEncoder {
    return this.#model.encoder;
  }

  /**
   * Begins with prompts, all at once.
   *
   * @param prompts token ids, at least one of each text
   * @param room    tokens that are likely to follow, for which room is made at once
   */
  start(prompts: readonly Int32Array[], room: number): Decoding {
    return new Decoding(this, prompts, room);
  }

  /**
   * @param caches of each layer, which are disposed
   * @param length see `DecodingStep`
   * @returns the logits of the token after the last, (B, V), and the caches with the new tokens
   */
  run(
    { biases, ...inputs }: StepInputs,
    caches: readonly KeyValueCache[],
    length: number,
  ): { readonly logits: tf.Tensor2D; readonly caches: readonly KeyValueCache[] } {
    const named = [...biases].map(([window, bias]) => [biasName(window), bias]);
    const outputs = this.#program(length)({
      ...inputs,
      ...Object.fromEntries(named),
      ...flattened(caches, before),
    });
    return { logits: outputs.logits as tf.Tensor2D, caches: gathered(outputs, caches.length, after) };
  }

  dispose(): void {
    for (const program of this.#programs.values()) program.dispose();
    this.#programs.clear();
  }

  #program(length: number): Compiled<tf.NamedTensorMap, tf.NamedTensorMap> {
    if (this.#backend !== tf.getBackend()) this.dispose();
    this.#backend = tf.getBackend();
    const existing = this.#programs.get(length);
    if (existing) return existing;
    const { depth } = this.encoder;
    const layers = Array.from({ length: depth }, (_, layer) => layer);
    const caches = layers.flatMap((layer) => kinds.map((kind) => [before(kind, layer), after(kind, layer)] as const));
    const biases = layers.map((layer) => [biasName(this.encoder.windowOf(layer)), { 2: 'tokens', 3: 'slots' }]);
    const program = compiled((inputs) => this.#step(inputs, length), {
      donate: Object.fromEntries(caches),
      dynamicAxes: {
        inputIds: { 1: 'tokens' },
        positionIds: { 1: 'tokens' },
        places: { 1: 'tokens' },
        ...Object.fromEntries(biases),
        ...Object.fromEntries(caches.map(([name]) => [name, { 2: 'slots' }])),
      },
      maxPrograms: mostPrograms,
    });
    this.#programs.set(length, program);
    return program;
  }

  #step(inputs: tf.NamedTensorMap, length: number): tf.NamedTensorMap {
    const { encoder } = this.#model;
    const step = {
      inputIds: inputs.inputIds as tf.Tensor2D,
      positionIds: inputs.positionIds as tf.Tensor2D,
      places: tf.reshape<tf.Rank.R2>(inputs.places, [inputs.places.size / 3, 3]),
      biasOf: (window: number) => inputs[biasName(window)] as tf.Tensor4D,
      length,
    };
    const { tokens, caches } = encoder.decode(step, gathered(inputs, encoder.depth, before));
    const [batch, added, width] = tokens.shape;
    const last = tf.reshape<tf.Rank.R2>(tf.slice(tokens, [0, added - 1, 0], [batch, 1, width]), [batch, width]);
    return { logits: this.#model.logits(last), ...flattened(caches, after) };
  }
}

/** Each has the weights in the form of its own products: one for a number of rows, and one for that before. */
const mostPrograms = 2;

const biasName = (window: number) => `bias${window}`;

const kinds = ['keys', 'values'] as const;
type NameOf = (kind: (typeof kinds)[number], layer: number) => string;

/** Names of the caches among inputs and outputs, which must differ. */
const before: NameOf = (kind, layer) => `${kind}${layer}`;
const after: NameOf = (kind, layer) => `${kind}${layer}.next`;

function flattened(caches: readonly KeyValueCache[], nameOf: NameOf): tf.NamedTensorMap {
  const named = caches.flatMap((cache, layer) => kinds.map((kind) => [nameOf(kind, layer), cache[kind]]));
  return Object.fromEntries(named);
}

function gathered(tensors: tf.NamedTensorMap, depth: number, nameOf: NameOf): KeyValueCache[] {
  return Array.from({ length: depth }, (_, layer) => ({
    keys: tensors[nameOf('keys', layer)] as tf.Tensor4D,
    values: tensors[nameOf('values', layer)] as tf.Tensor4D,
  }));
}
