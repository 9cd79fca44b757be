import * as tf from '@tensorflow/tfjs';
import { type Batch, disposeBatch, type HostBatch, uploadBatch } from './batch';
import { checkTargetNames } from './check-sample';
import { type Context, inferenceContext } from './context';
import { describeValue } from './describe-value';
import { NonFiniteError, SampleError } from './errors';
import type { Encoders, Fusion } from './fusion';
import type { Head } from './head';
import { HeadTree } from './head-tree';
import type { UncheckedModelConfig } from './model-config';
import { Module } from './module';
import { type PredictOptions, parsePredictOptions } from './predict-options';
import { batchByShape, collateSamples, type PreparedSample, type Processors, prepareSample } from './prepared-sample';
import type { ProcessContext } from './processor';
import type { Sample, Targets } from './sample';
import type { Fused } from './tokens';

/** What a {@link Model} is made of. */
export interface ModelParts {
  readonly config: UncheckedModelConfig;
  readonly processors: Processors;
  readonly encoders: Encoders;
  readonly fusion: Fusion;
  readonly heads: Readonly<Record<string, Head>>;
  /** For each head `'fused'` or the name of the head that feeds it. */
  readonly headInputs: Readonly<Record<string, string>>;
}

/** One head's part of a forward pass. */
export interface HeadOutput {
  /** Positions in the batch of the rows that the head ran on. */
  readonly rows: readonly number[];
  readonly output: unknown;
}

/** The tensors of a forward pass. */
export interface ModelOutput {
  readonly fused: Fused;
  readonly heads: Readonly<Record<string, HeadOutput>>;
}

/** Answers for one sample, by head; a head that the sample's modalities do not allow is left out. */
export type Prediction = Readonly<Record<string, unknown>>;

/** Encoders, a fusion and heads, composed. Make one with `composeModel`. */
export class Model extends Module {
  /** As given, JSON: `composeModel` makes the same model from it. */
  readonly config: UncheckedModelConfig;
  readonly encoders: Encoders;
  readonly fusion: Fusion;
  readonly heads: Readonly<Record<string, Head>>;
  readonly processors: Processors;
  readonly #tree: HeadTree;
  /** What a sample's targets may be called; `undefined` where a head does not say. */
  readonly #targetNames: readonly string[] | undefined;

  constructor(parts: ModelParts) {
    super();
    this.config = parts.config;
    this.encoders = parts.encoders;
    this.fusion = parts.fusion;
    this.heads = parts.heads;
    this.processors = parts.processors;
    this.#tree = new HeadTree(parts.heads, parts.headInputs);
    this.#targetNames = targetNames(Object.values(parts.heads));
  }

  /** The names under which a sample may have a value. */
  get modalities(): string[] {
    return Object.keys(this.processors);
  }

  /** Raw values to features, with all that the sample says checked. @throws SampleError */
  async prepare(
    sample: Sample,
    context: ProcessContext = { training: false },
    where = 'sample',
  ): Promise<PreparedSample> {
    const prepared = await prepareSample(this.processors, sample, context, where);
    if (prepared.targets) this.#checkTargets(prepared.targets, where);
    return prepared;
  }

  /** Features of several samples to one batch in host memory. */
  collate(samples: readonly PreparedSample[]): HostBatch {
    return collateSamples(this.processors, samples);
  }

  /**
   * Encodes, fuses and runs every head on the rows that it can run on.
   *
   * @throws MissingModalityError for a head that is asked for by name and a row that it cannot run on
   */
  forward(batch: Batch, context: Context, heads?: readonly string[]): ModelOutput {
    const routes = this.#tree.routes(batch, heads);
    const fused = this.fusion.forward(this.encoders, batch, context);
    const outputs: Record<string, HeadOutput> = {};
    for (const { name, rows } of routes) {
      const targets = rows.map((row) => batch.targets[row]);
      const input = this.#tree.input(name, rows, fused, context);
      const output = this.heads[name].forward(input, context, targets.some(Boolean) ? targets : undefined);
      outputs[name] = { rows, output };
    }
    return { fused, heads: outputs };
  }

  /** The loss of each head that has something to learn from the batch, scalars by name. */
  losses(batch: Batch, context: Context): Record<string, tf.Scalar> {
    const { heads } = this.forward(batch, context);
    const losses: Record<string, tf.Scalar> = {};
    for (const [name, { rows, output }] of Object.entries(heads)) {
      const targets = rows.map((row) => batch.targets[row]);
      const loss = this.heads[name].loss(output, targets, context);
      if (loss) losses[name] = loss;
    }
    return losses;
  }

  /**
   * Answers for raw samples, in their order: any subset of modalities, mixed freely.
   *
   * @throws SampleError for a sample that cannot be read or has no modality
   * @throws MissingModalityError for a head asked for by name that a sample's modalities do not allow
   */
  async predict(samples: readonly Sample[], options: PredictOptions = {}): Promise<Prediction[]> {
    parsePredictOptions(options);
    checkSamples(samples);
    const prepared = await Promise.all(
      Array.from(samples, (sample, index) => this.prepare(sample, { training: false }, `sample ${index}`)),
    );
    return this.predictPrepared(prepared, options);
  }

  /** As {@link predict}, for samples that are prepared already. */
  async predictPrepared(samples: readonly PreparedSample[], options: PredictOptions = {}): Promise<Prediction[]> {
    const { batchSize } = parsePredictOptions(options);
    const predictions: Prediction[] = new Array(samples.length);
    for (const indices of batchByShape(this.processors, samples, batchSize)) {
      options.signal?.throwIfAborted();
      const batch = uploadBatch(this.collate(indices.map((index) => samples[index])));
      const scope = new TensorScope();
      try {
        const answers = await this.#predictBatch(batch, indices, options, scope);
        answers.forEach((answer, row) => {
          predictions[indices[row]] = answer;
        });
      } finally {
        scope.dispose();
        disposeBatch(batch);
      }
    }
    return predictions;
  }

  #checkTargets(targets: Targets, where: string): void {
    if (this.#targetNames) checkTargetNames(targets, this.#targetNames, where);
    for (const head of Object.values(this.heads)) {
      try {
        head.checkTargets?.(targets);
      } catch (error) {
        throw error instanceof SampleError ? error.at([where, error.where].filter(Boolean).join(', ')) : error;
      }
    }
  }

  async #predictBatch(
    batch: Batch,
    indices: readonly number[],
    options: PredictOptions,
    scope: TensorScope,
  ): Promise<Prediction[]> {
    const context = inferenceContext(options.signal);
    const routes = this.#tree.routes(batch, options.heads, (row) => `sample ${indices[row]}`);
    const answers: Record<string, unknown>[] = Array.from({ length: batch.size }, () => ({}));
    const fused = scope.keep(() => this.fusion.forward(this.encoders, batch, context));
    for (const { name, rows } of routes) {
      const input = scope.keep(() => this.#tree.input(name, rows, fused, context));
      const predictions = await this.heads[name].predict(input, context).catch((error: unknown) => {
        throw error instanceof NonFiniteError ? error.at(`head "${name}"`) : error;
      });
      rows.forEach((row, i) => {
        answers[row][name] = predictions[i];
      });
    }
    return answers;
  }
}

function targetNames(heads: readonly Head[]): readonly string[] | undefined {
  const names = heads.map((head) => head.targetNames);
  return names.every((own) => own !== undefined) ? names.flat() : undefined;
}

function checkSamples(samples: unknown): void {
  if (Array.isArray(samples)) return;
  throw new SampleError({
    where: 'predict',
    expected: 'an array of samples',
    received: describeValue(samples),
    hint: 'For one sample: predict([sample]).',
  });
}

/** Tensors that outlive a `tf.tidy` because an answer is awaited, freed together at the end. */
class TensorScope {
  readonly #kept: tf.TensorContainer[] = [];

  keep<T extends object>(compute: () => T): T {
    const result = tf.tidy(compute as () => tf.TensorContainer);
    this.#kept.push(result);
    return result as T;
  }

  dispose(): void {
    tf.dispose(this.#kept);
  }
}
