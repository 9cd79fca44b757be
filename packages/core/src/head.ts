import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { Batch, HostBatch, HostRows, TargetBatch } from './batch';
import type { Context } from './context';
import type { Features, HostTensor } from './features';
import type { FusedPart } from './fused-part';
import type { LossTerms } from './loss';
import { Module } from './module';
import type { PresentRows } from './present-rows';
import type { RandomKey } from './random-key';
import type { Requirements } from './requirements';
import { selectOutput } from './select-rows';
import type { Fused } from './tokens';

/** What a head gets: the fused rows that it can run on and, in a tree, what its parent head made of them. */
export interface HeadInput<Parent = unknown> {
  readonly fused: Fused;
  /** Output of the head that `input` names, in predicting what it produced; `undefined` where that is `'fused'`. */
  readonly parent: Parent;
}

/** What there is to a {@link Head.view} beside the batch. */
export interface ViewInput<Parent = unknown> {
  /** Of the rows that have one. */
  readonly target: TargetBatch | undefined;
  /** What the head that feeds this one made of the batch as it is; `undefined` where the fusion feeds it. */
  readonly parent: Parent;
}

/** What a head knows of a sample before anything is computed. */
export interface KnownSample {
  /** Of the slots that it has, before they are collated. */
  readonly features: Readonly<Record<string, Features>>;
  /** What the head learns from, if the sample has it. */
  readonly target: Features | undefined;
  /** How many tokens the fusion makes of it, where it says so. */
  readonly tokenCount: number | undefined;
}

/** What a head is asked of a sample that holds its answer. */
export interface AskedSample {
  /** Of the slots, without the answer. */
  readonly features: Readonly<Record<string, Features>>;
  /** The answer, as the target that it is judged by. */
  readonly target: Features;
}

/** Figures that a head reports over a set of predictions, by name (`accuracy`, …). */
export type Metrics = Readonly<Record<string, number>>;

/** A piece of an answer, said while the rest of it is produced: a word, a second of speech. */
export interface ProducedPiece<Piece> {
  /** Which of the rows it is for. */
  readonly row: number;
  readonly piece: Piece;
}

/**
 * Turns fused tokens into an answer. Heads form a tree: which head feeds which is stated by `input` in the model's
 * config. Each runs once in a pass, parents first.
 *
 * ```ts
 * // What the processor of its target collates to.
 * type AmountFeatures = { amount: HostTensor1D };
 *
 * // Estimates a number, by the squared error.
 * class AmountHead extends Head<tf.Tensor1D, number> {
 *   readonly requires = {};
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
 *   loss(target: TargetBatch<AmountFeatures> | undefined): LossTerms<tf.Tensor1D> {
 *     if (!target) return {};
 *     const { rows, features } = target;
 *     return {
 *       squaredError: {
 *         count: rows.length,
 *         sum: (estimates) => tf.sum(tf.square(tf.sub(tf.gather(estimates, tf.tensor1d(rows)), features.amount))),
 *       },
 *     };
 *   }
 *
 *   scores(estimates: tf.Tensor1D): { estimates: tf.Tensor1D } {
 *     return { estimates };
 *   }
 *
 *   answers({ estimates }: Readonly<Record<string, HostTensor>>): number[] {
 *     return [...estimates!.data];
 *   }
 * }
 * ```
 *
 * @typeParam Output what `forward` computes, tensors on the backend
 * @typeParam Prediction the answer for one row, plain data
 * @typeParam Options the schema of what may be asked for at each prediction
 * @typeParam Piece what a head that produces its answer in pieces says at a time
 */
export abstract class Head<
  Output = unknown,
  Prediction = unknown,
  Options extends z.ZodObject = z.ZodObject,
  Piece = unknown,
> extends Module {
  abstract readonly requires: Requirements;

  /** What it reads of a fused batch beyond tokens, mask and pooled vector. A model whose fusion does not offer it is refused. */
  readonly reads: readonly FusedPart[] = [];

  /**
   * The slots that it reads of `encoded`, where it reads nothing else of a fused batch: then other encoders are not run for it. By default it
   * may depend on all.
   */
  readonly readsSlots: readonly string[] | undefined = undefined;

  /** Whether a row without its target teaches it nothing, as is usual. A head that can do without says false. */
  readonly needsTarget: boolean = true;

  /** What may be asked for at each prediction: `predict(samples, { heads: { caption: { maxNewTokens: 40 } } })`. Default: nothing. */
  readonly predictOptions: Options = noOptions as unknown as Options;

  /**
   * Whether what it learns from a row depends on which other rows there are, as of a contrastive loss. Default false. One that says so is
   * as a step over one large batch only where it has {@link rowTensors}.
   */
  readonly comparesRows: boolean = false;

  /**
   * Whether it can learn of a row that is mixed of two what it is to learn of both, each in its share. Default true. What points into a value
   * says no: half of it is not there any more.
   */
  readonly learnsMixed: boolean = true;

  /** What is asked of it where it is judged, if that is something else than what a prediction asks by itself: all that it found, say. */
  readonly judgedWith: z.input<Options> | undefined = undefined;

  /**
   * Refuses a sample that it can neither learn from nor answer, before anything is computed: one that there are not enough positions
   * for, say.
   *
   * @param options what is asked of it, at a prediction; without them it is about what it learns, of each sample that is prepared
   * @throws SampleError
   */
  checkSample?(sample: KnownSample, options?: z.output<Options>): void;

  /**
   * Logits, embeddings, …: a pure function of tensors. A head that produces its answer step by step is given its target to go by in
   * training.
   *
   * @param target of the rows that have one
   */
  abstract forward(input: HeadInput, context: Context, target?: TargetBatch): Output;

  /**
   * What it learns, drawn anew in each step of training: which parts of values are hidden, and what stands there. It takes the place of
   * the head's target in the batch.
   *
   * @param batch in host memory
   * @returns rows of the batch, and features of each; `undefined` where there is nothing to learn
   */
  draw?(batch: HostBatch, key: RandomKey): HostRows | undefined;

  /**
   * What it learns from in place of the batch: values of which something is hidden, or other pairs of values. For the {@link loss} the model
   * encodes and fuses this in a pass of its own, and {@link forward} is given that, without what the parent made. Predicting knows no views.
   * Such a head feeds no other.
   *
   * @param batch the rows that it runs on
   * @returns rows of any number; what the {@link loss} counts does not depend on what is drawn here
   */
  view?(batch: Batch, given: ViewInput, context: Context): Batch;

  /**
   * The terms of the loss: how many things each is a mean of, and how their sum follows from the output.
   *
   * @param target of the rows that have one; `undefined` where none has
   * @returns no terms where there is nothing to learn from
   */
  abstract loss(target: TargetBatch | undefined, present: PresentRows): LossTerms<Output>;

  /**
   * For a head that needs more than one forward pass, such as one that generates: makes its output step by step, telling pieces of the
   * answer on the way. Where a head has this, it takes the place of `forward` in predicting, and the heads that it feeds read what
   * it produced. Tensors that live across steps are its own to free, but those of the output.
   *
   * @returns the output that {@link Head.scores} reads, on the backend
   */
  produce?(
    input: HeadInput,
    context: Context,
    options: z.output<Options>,
  ): AsyncGenerator<ProducedPiece<Piece>, Output, void>;

  /**
   * For a head that {@link Head.produce}s: the numbers of its one pass, such as the logits of what follows, for whoever takes the steps
   * elsewhere. They are what `model.signature` gives of it. Named tensors with the rows as first axis, a pure function of tensors; a head
   * without this cannot be exported.
   */
  passScores?(input: HeadInput, context: Context): tf.NamedTensorMap;

  /**
   * The numbers that {@link answers} reads: named tensors, all finite, with the rows as first axis. A pure function of tensors, which
   * a model runs compiled with all that feeds it, and reads together with those of the other heads.
   */
  abstract scores(output: Output): tf.NamedTensorMap;

  /**
   * Of a head that {@link comparesRows}: what its output consists of, as named tensors with the rows as first axis, of those rows that it has
   * something of. Those of several batches are put one behind the other, and {@link joinedOutput} makes the output of one large batch of
   * them: so a step may compare more rows than are in memory at a time (`gradCache` of `@polymodal/trainer`).
   */
  rowTensors?(output: Output): tf.NamedTensorMap;

  /**
   * The output that consists of some {@link rowTensors}.
   *
   * @param present the rows of all batches that it runs on
   */
  joinedOutput?(tensors: tf.NamedTensorMap, present: PresentRows): Output;

  /**
   * An answer for each of the B rows, from what {@link Head.scores} gave. One that has to be searched for is promised: a search lets the event
   * loop go on meanwhile, and stops where the signal is aborted.
   *
   * @param features of each row by slot, as they were before they were collated: of those that the head may read
   * @param signal   whether the answers are still wanted
   */
  abstract answers(
    scores: Readonly<Record<string, HostTensor>>,
    present: PresentRows,
    options: z.output<Options>,
    features: readonly Readonly<Record<string, Features>>[],
    signal?: AbortSignal,
  ): Prediction[] | Promise<Prediction[]>;

  /**
   * Some rows of an output, for a head that it feeds and that runs on fewer. By default those of every tensor in it, scalars aside,
   * whose first axis then has to be the rows; a head whose output is otherwise says it here.
   *
   * @param rows ascending positions among the rows of the output
   * @param size how many rows the output consists of
   * @throws StateError for an output of which it cannot be told what the rows are
   */
  selectRows(output: Output, rows: readonly number[], size: number): Output {
    return selectOutput(output, rows, size) as Output;
  }

  /**
   * Figures over predictions and the target's features of the same rows (`undefined` where a row has none). A head without figures
   * leaves this out.
   */
  evaluate?(predictions: readonly Prediction[], targets: readonly (Features | undefined)[]): Metrics;

  /**
   * Figures of what the head would learn from samples that are judged, for one that learns values themselves, of whose answers nothing says whether
   * they are right: perplexity, say. What it {@link draw}s there is the same whenever the same samples are judged, and nothing is dropped.
   *
   * @param means of each term of its {@link loss}, over all that these samples count
   */
  evaluateLoss?(means: Readonly<Record<string, number>>): Metrics;

  /**
   * For a head that learns from answers which stand in the values themselves, in conversations say: what it is asked of a sample where it is judged,
   * and what should be answered. Such a head is judged by a pass of its own. Left out, it is asked of samples as they are.
   *
   * @returns `undefined` where the sample has nothing to ask
   */
  asked?(features: Readonly<Record<string, Features>>): AskedSample | undefined;

  /**
   * Whether its figures tell of each row by itself, so that those of rows drawn again and again say how certain they are (the bootstrap,
   * Efron 1979). Figures of how rows lie to one another, as recall among candidates, do not.
   */
  readonly resamples: boolean = false;

  /**
   * Of those figures of {@link evaluate} that are means over the rows with a target, what each of these rows adds, in their order. Means of rows
   * that are drawn again say how certain they are, where what a row adds follows from all rows and not from those that were drawn: CIDEr weighs
   * words by how many rows have them.
   */
  rowFigures?(
    predictions: readonly Prediction[],
    targets: readonly (Features | undefined)[],
  ): Readonly<Record<string, readonly number[]>>;

  /**
   * Fits how answers are read from scores, temperatures and thresholds say, to predictions for validation data, which it keeps in
   * `ModuleBuffer`s, and so with the model. Outputs, and what is learned from them, stay as they are.
   *
   * @param targets features of the same rows (`undefined` where a row has none)
   */
  calibrate?(predictions: readonly Prediction[], targets: readonly (Features | undefined)[]): void;
}

const noOptions = z.object({});
