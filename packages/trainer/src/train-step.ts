import { type HostBatch, type Model, type RandomKey, trainingContext, uploadBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { NonFiniteLossError } from './errors/non-finite-loss-error';
import type { AdamW, UpdateOptions } from './optimizers/adamw';
import type { Gradients } from './optimizers/parameter-bundle';
import type { OptimizedParameter } from './optimizers/parameter-groups';

/** What a step of training came to. */
export interface StepFigures {
  /** Weighted sum of the heads' losses. */
  readonly loss: number;
  /** Loss of each head that had something to learn, without its weight. */
  readonly losses: Readonly<Record<string, number>>;
  /** L2 norm of all gradients, before clipping. */
  readonly gradientNorm: number;
}

/** Forward, backward and update, traced without a read in between and read once at the end. */
export class TrainStep {
  readonly #variables: tf.Variable[];
  readonly #paths: ReadonlyMap<string, string>;

  constructor(
    private readonly model: Model,
    private readonly parameters: readonly OptimizedParameter[],
    private readonly optimizer: AdamW,
    private readonly lossWeights: Readonly<Record<string, number>>,
  ) {
    this.#variables = parameters.map(({ parameter }) => parameter.value);
    this.#paths = new Map(this.parameters.map(({ path, parameter }) => [parameter.value.name, path]));
  }

  /**
   * Learns from a batch. `undefined` if no head has anything to learn from it; then nothing changes.
   *
   * @param where how error messages call the step
   * @throws NonFiniteLossError
   */
  async run(
    host: HostBatch,
    key: RandomKey,
    update: UpdateOptions,
    where: string,
    signal?: AbortSignal,
  ): Promise<StepFigures | undefined> {
    const traced = this.#trace(host, key, signal, (gradients) => this.optimizer.update(gradients, update));
    if (!traced) return undefined;
    const [loss, gradientNorm, ...losses] = await traced.figures.data();
    traced.figures.dispose();
    const named = Object.fromEntries(traced.heads.map((head, i) => [head, losses[i]]));
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) throw notFinite(where, host, named, gradientNorm);
    return { loss, losses: named, gradientNorm };
  }

  /**
   * Computes the gradients of a batch and changes nothing: to see whether the backend can.
   *
   * @throws whatever the backend throws where it cannot
   */
  tryGradients(host: HostBatch, key: RandomKey): void {
    this.#trace(host, key, undefined, () => tf.scalar(0))?.figures.dispose();
  }

  #trace(host: HostBatch, key: RandomKey, signal: AbortSignal | undefined, learn: (gradients: Gradients) => tf.Scalar) {
    let losses: Record<string, tf.Scalar> = {};
    const total = (batch: Parameters<Model['losses']>[0]) => {
      losses = this.model.losses(batch, trainingContext(key, this.model, signal));
      const weighted = Object.entries(losses).map(([head, loss]) => {
        tf.keep(loss);
        const weight = this.lossWeights[head] ?? 1;
        return weight === 1 ? loss : tf.mul(loss, weight);
      });
      if (weighted.length === 0) throw new NothingToLearn();
      return weighted.length === 1 ? weighted[0].clone() : (tf.addN(weighted) as tf.Scalar);
    };
    try {
      const figures = tf.tidy(() => {
        const batch = uploadBatch(host);
        const { value, grads } = tf.variableGrads(() => total(batch) as tf.Scalar, this.#variables);
        const gradients = Object.fromEntries(
          Object.entries(grads).map(([name, gradient]) => [this.#paths.get(name)!, gradient]),
        );
        return tf.stack([value, learn(gradients), ...Object.values(losses)]);
      });
      return { figures, heads: Object.keys(losses) };
    } catch (error) {
      disposeTape();
      if (error instanceof NothingToLearn) return undefined;
      throw error;
    } finally {
      tf.dispose(losses);
    }
  }
}

/** Leaves the gradient computation, which needs a loss, where there is none. */
class NothingToLearn extends Error {}

/**
 * Frees what operations saved for their gradients. TensorFlow.js keeps it beyond `tf.tidy` and frees it only when the
 * gradients are made, so after an error it would stay for good.
 */
function disposeTape(): void {
  const { state } = tf.engine();
  for (const { saved } of state.activeTape ?? []) tf.dispose(saved ?? []);
  state.activeTape = [];
}

function notFinite(
  where: string,
  host: HostBatch,
  losses: Readonly<Record<string, number>>,
  gradientNorm: number,
): NonFiniteLossError {
  const figures = Object.entries({ ...losses, 'gradient norm': gradientNorm }).map(
    ([name, value]) => `${name} ${value}`,
  );
  const combination = Object.entries(host.modalities).map(([modality, { rows }]) => `${rows.length} × ${modality}`);
  return new NonFiniteLossError({
    where: `${where}, a batch of ${host.size} with ${combination.join(', ')}`,
    expected: 'finite losses and gradients',
    received: figures.join(', '),
    hint:
      'Lower the learning rate, lengthen the warm-up or look at these samples. The parameters in memory are spoilt; ' +
      'the last checkpoint is from before this step.',
  });
}
