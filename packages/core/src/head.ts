import * as tf from '@tensorflow/tfjs-core';
import type { Context } from './context';
import { StateError } from './errors';
import type { HostTensor } from './features';
import { Module } from './module';
import type { Targets } from './sample';
import type { Fused } from './tokens';

/** Which modalities a row must have for a head to run on it. */
export interface Requirements {
  /** Each of these. */
  readonly all?: readonly string[];
  /** At least one of these. */
  readonly any?: readonly string[];
  /** At least this many of the model's modalities. */
  readonly count?: number;
}

/** What a head gets: the fused rows that it can run on and, in a tree, what its parent head made of them. */
export interface HeadInput<Parent = unknown> {
  readonly fused: Fused;
  /** Output of the head that `input` names, or `undefined` where that is `'fused'`. */
  readonly parent: Parent;
}

/** Which of the B rows of a batch have which modality. */
export interface PresentRows {
  /** B */
  readonly size: number;
  /** (P) ascending positions of the rows that have it, by modality. */
  readonly rows: Readonly<Record<string, Int32Array>>;
}

/** Figures that a head reports over a set of predictions, by name (`accuracy`, …). */
export type Metrics = Readonly<Record<string, number>>;

/**
 * Turns fused tokens into an answer. Heads form a tree: which head feeds which is stated by `input` in the model's
 * config.
 *
 * ```ts
 * // Estimates a number, by the squared error.
 * class AmountHead extends Head<tf.Tensor1D, number> {
 *   readonly requires = {};
 *   readonly targetNames = ['amount'];
 *   readonly linear: Linear;
 *
 *   constructor(hiddenSize: number) {
 *     super();
 *     this.linear = new Linear(hiddenSize, 1);
 *   }
 *
 *   forward({ fused }: HeadInput): tf.Tensor1D {
 *     return tf.squeeze(this.linear.forward(fused.pooled), [1]); // (B)
 *   }
 *
 *   loss(estimates: tf.Tensor1D, targets: readonly (Targets | undefined)[]): tf.Scalar | undefined {
 *     const rows = [...targets.keys()].filter((row) => targets[row]?.amount !== undefined);
 *     if (rows.length === 0) return undefined;
 *     const amounts = tf.tensor1d(rows.map((row) => targets[row]?.amount as number));
 *     return tf.losses.meanSquaredError(amounts, tf.gather(estimates, tf.tensor1d(rows, 'int32'))) as tf.Scalar;
 *   }
 *
 *   override scores(input: HeadInput): { estimates: tf.Tensor1D } {
 *     return { estimates: this.forward(input) };
 *   }
 *
 *   override answers({ estimates }: Readonly<Record<string, HostTensor>>): number[] {
 *     return [...estimates!.data];
 *   }
 * }
 * ```
 *
 * @typeParam Output what `forward` computes, tensors on the backend
 * @typeParam Prediction the answer for one row, plain data
 */
export abstract class Head<Output = unknown, Prediction = unknown> extends Module {
  abstract readonly requires: Requirements;

  /**
   * Names of the targets that the head reads. Where every head of a model tells them, samples with targets under other
   * names are refused.
   */
  readonly targetNames?: readonly string[];

  /** Logits, embeddings, …: teacher-forced where targets are given. */
  abstract forward(input: HeadInput, context: Context, targets?: readonly (Targets | undefined)[]): Output;

  /**
   * Mean loss of the rows that have a target, a scalar; `undefined` where no row of the batch has anything to learn
   * from.
   */
  abstract loss(output: Output, targets: readonly (Targets | undefined)[], context: Context): tf.Scalar | undefined;

  /**
   * The numbers that {@link answers} reads: named tensors, all finite, with the rows as first axis. A model runs a head that has
   * both compiled with all that feeds it, and reads it together with the other heads. A pure function of tensors.
   */
  scores?(input: HeadInput, context: Context): tf.NamedTensorMap;

  /** An answer for each of the B rows, from what {@link Head.scores} gave. */
  answers?(scores: Readonly<Record<string, HostTensor>>, present: PresentRows): Prediction[];

  /**
   * An answer for each of the B rows, in their order. A head that needs more than one forward pass, such as one that generates,
   * runs its loop here instead of having {@link scores}.
   */
  async predict(input: HeadInput, context: Context): Promise<Prediction[]> {
    if (!this.scores || !this.answers) {
      throw new StateError({
        where: this.constructor.name,
        expected: 'a head with scores and answers, or with a predict of its own',
        received: 'one that has neither',
      });
    }
    const scores = tf.tidy(() => this.scores!(input, context));
    try {
      const values: Record<string, HostTensor> = {};
      for (const [name, tensor] of Object.entries(scores)) {
        values[name] = { data: (await tensor.data()) as Float32Array, shape: tensor.shape };
      }
      return this.answers(values, presentRows(input));
    } finally {
      tf.dispose(scores);
    }
  }

  /**
   * Holds the targets of one sample against what the head can learn from. Training asks for every sample before its first
   * step.
   *
   * @throws SampleError naming the target, e.g. `targets.digit`
   */
  checkTargets?(targets: Targets): void;

  /** Figures over predictions and the targets of the same rows. A head without figures leaves this out. */
  evaluate?(predictions: readonly Prediction[], targets: readonly (Targets | undefined)[]): Metrics;
}

/** A head whose answers are read from the numbers of one forward pass. */
export type ScoredHead = Head & Required<Pick<Head, 'scores' | 'answers'>>;

function presentRows({ fused }: HeadInput): PresentRows {
  const rows = Object.entries(fused.encoded).map(([modality, encoded]) => [modality, encoded.rows] as const);
  return { size: fused.pooled.shape[0], rows: Object.fromEntries(rows) };
}

/** Whether a row with these modalities fulfils the requirements. */
export function fulfils(requires: Requirements, present: readonly string[]): boolean {
  const all = requires.all?.every((modality) => present.includes(modality)) ?? true;
  const any = requires.any?.some((modality) => present.includes(modality)) ?? true;
  return all && any && present.length >= (requires.count ?? 0);
}

/** The requirements in words, for error messages. */
export function describeRequirements(requires: Requirements): string {
  const parts = [
    requires.all && `all of ${requires.all.join(', ')}`,
    requires.any && `any of ${requires.any.join(', ')}`,
    requires.count && `at least ${requires.count} modalities`,
  ];
  return parts.filter(Boolean).join(' and ') || 'nothing';
}
