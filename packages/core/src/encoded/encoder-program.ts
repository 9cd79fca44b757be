import * as tf from '@tensorflow/tfjs-core';
import { canCompile } from '../backend/compiled';
import { disposeBatch, uploadBatch } from '../batch';
import { inferenceContext } from '../context';
import { BackendError } from '../errors';
import type { Features, HostTensor } from '../features';
import type { Model } from '../model';
import { duringPass } from '../pass';
import { CompiledForward } from '../predict/compiled-forward';
import { batchOf, namedFeatures, openAxes } from '../predict/model-programs';
import { batchByShape, collateSamples } from '../prepared-sample';
import type { EncodedFeatures } from './encoded-rows';

/** How an {@link EncoderProgram} computes. */
export interface EncoderProgramOptions {
  /** With `int8`, products with weights in integers of 8 bits, on backends that do so. Default `float32`. */
  readonly precision?: 'float32' | 'int8';
  /** Values at a time. Default 32. */
  readonly batchSize?: number;
  /**
   * Whether nothing but the vectors is read of what it gives (default false): there are no tokens then, (0, D), and what of the last layer no
   * vector needs is not computed.
   */
  readonly pooledOnly?: boolean;
}

/**
 * An encoder of a model as a program by itself, as it is in inference: compiled where the backend can, values of one shape together, so
 * that nothing is padded.
 *
 * ```ts
 * const program = new EncoderProgram(model, 'photo');
 * const { features } = await model.prepare({ photo: 'ripe.jpg' });
 * const [encoded] = await program.encode([features.photo]);
 * program.dispose();
 * ```
 */
export class EncoderProgram {
  readonly #model: Model;
  readonly #slot: string;
  readonly #precision: 'float32' | 'int8';
  readonly #batchSize: number;
  readonly #pooledOnly: boolean;
  /** By the names of the features: documents have some of their own. */
  readonly #programs = new Map<string, CompiledForward>();

  /** @throws BackendError where integers of 8 bits are asked for and the backend has none */
  constructor(
    model: Model,
    slot: string,
    { precision = 'float32', batchSize = 32, pooledOnly = false }: EncoderProgramOptions = {},
  ) {
    if (precision === 'int8' && !canCompile()) throw withoutIntegers(slot);
    this.#model = model;
    this.#slot = slot;
    this.#precision = precision;
    this.#batchSize = batchSize;
    this.#pooledOnly = pooledOnly;
  }

  /** What the encoder gives of values, by the features that its processor made of them. */
  async encode(values: readonly Features[]): Promise<EncodedFeatures[]> {
    const processors = { [this.#slot]: this.#model.processors[this.#slot] };
    const samples = values.map((features) => ({ features: { [this.#slot]: features }, targets: {} }));
    const encoded: EncodedFeatures[] = [];
    for (const indices of batchByShape(processors, samples, this.#batchSize)) {
      const host = collateSamples(
        { processors, targets: {} },
        indices.map((index) => samples[index]),
      );
      const batch = uploadBatch(host);
      const inputs = namedFeatures(batch);
      const outputs = this.#programFor(inputs).run(inputs);
      const given = await valuesOf(outputs);
      disposeBatch(batch);
      tf.dispose(outputs);
      indices.forEach((index, row) => {
        encoded[index] = this.#pooledOnly ? vectorOf(given, row) : encodedOf(given, row);
      });
    }
    return encoded;
  }

  dispose(): void {
    for (const program of this.#programs.values()) program.dispose();
    this.#programs.clear();
  }

  #programFor(inputs: tf.NamedTensorMap): CompiledForward {
    const names = Object.keys(inputs);
    const key = names.join();
    const known = this.#programs.get(key);
    if (known) return known;
    const encoder = this.#model.encoders[this.#slot];
    const context = inferenceContext();
    const encode = (own: tf.NamedTensorMap): tf.NamedTensorMap =>
      duringPass({ context }, (): tf.NamedTensorMap => {
        const batch = batchOf(own).modalities[this.#slot];
        if (this.#pooledOnly) return { pooled: encoder.encodePooled(batch, context) };
        const { tokens, mask, pooled } = encoder.encode(batch, context);
        return { tokens, mask, pooled };
      });
    const precision = this.#precision;
    const rows = Object.fromEntries(names.map((name) => [name, { 0: 'rows' }]));
    const attempts = [openAxes(this.#model.processors, names), rows].map((dynamicAxes) => ({ dynamicAxes, precision }));
    const otherwise = () => {
      throw withoutIntegers(this.#slot);
    };
    const program = new CompiledForward(encode, attempts, precision === 'int8' ? otherwise : encode);
    this.#programs.set(key, program);
    return program;
  }
}

type Given = Readonly<Record<string, HostTensor>>;

async function valuesOf(outputs: tf.NamedTensorMap): Promise<Given> {
  const values = Object.entries(outputs).map(async ([name, own]) => {
    return [name, { data: (await own.data()) as Float32Array, shape: own.shape }] as const;
  });
  return Object.fromEntries(await Promise.all(values));
}

function encodedOf({ tokens, mask, pooled }: Given, row: number): EncodedFeatures {
  return { tokens: rowOf(tokens, row), mask: rowOf(mask, row), pooled: rowOf(pooled, row) };
}

/** Without tokens, so that who reads them after all finds none. */
function vectorOf({ pooled }: Given, row: number): EncodedFeatures {
  const nothing = new Float32Array();
  const own = rowOf(pooled, row);
  return { tokens: { data: nothing, shape: [0, own.shape[0]] }, mask: { data: nothing, shape: [0] }, pooled: own };
}

/** A copy, so that not all rows are kept as long as one is. */
function rowOf({ data, shape: [size, ...shape] }: HostTensor, row: number): HostTensor {
  const length = data.length / size;
  return { data: data.slice(row * length, (row + 1) * length), shape };
}

function withoutIntegers(slot: string): BackendError {
  return new BackendError({
    where: `encoder "${slot}"`,
    expected: 'a backend that compiles it, for products in integers of 8 bits',
    received: `the backend "${tf.getBackend()}", which does not`,
    hint: "Take the backend onnx, or the precision 'float32'.",
  });
}
