import {
  type Context,
  type Features,
  type FusedPart,
  Head,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  type Metrics,
  type PresentRows,
  type ProducedPiece,
  type Requirements,
  selectRows,
  type TargetBatch,
} from '@polymodal/core';
import type { GenerationOptions } from '@polymodal/generation';
import { sparseSoftmaxCrossEntropy } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import { type AttendedTokens, attendedTokens } from './attended-tokens';
import type { CrossAttentionDecoder } from './cross-attention-decoder';
import type { DecodedTarget } from './decoded-target';
import { DecoderWriter, type WrittenRows } from './decoder-writer';
import type { Guesses } from './guesses';
import { lastTokens } from './last-tokens';
import { tokenFigures } from './perplexity';
import { withGenerationDefaults } from './with-generation-defaults';
import { type WrittenText, type WrittenTokens, writeTexts, writtenTexts } from './write-texts';
import { writingOptions } from './writing-options';
import { type JudgedTexts, type WrittenFigures, writtenFigures, writtenRowFigures } from './written-figures';

/** What a {@link TextDecoderHead} computes: as a `LanguageModelHead`. */
export interface TextDecoderOutput extends Partial<WrittenTokens> {
  /** Of the rows that have a target: what is guessed of its tokens. */
  readonly guesses?: Guesses;
}

/** What a {@link TextDecoderHead} is made from. */
export interface TextDecoderHeadConfig {
  readonly decoder: CrossAttentionDecoder;
  readonly target: DecodedTarget;
  readonly generation: GenerationOptions;
  /** The slot whose encoder's own tokens the decoder looks at; those that the fusion made by default. */
  readonly attendsTo: string | undefined;
  /** What it tells of texts beside the share of those that are right; nothing by default. */
  readonly figures?: WrittenFigures;
}

type WritingOptions = z.output<typeof writingOptions>;

/**
 * Writes about a row with a decoder of its own, which looks at the fused tokens, whatever they came from: the second half of an
 * encoder–decoder (Vaswani et al. 2017; HF `WhisperForConditionalGeneration`, `BartForConditionalGeneration`). Other than a
 * `LanguageModelHead` it needs no causal sequence: it stands behind any fusion.
 *
 * It learns with the target given: the decoder reads the start token and the target without its last token, and guesses the target. The loss is
 * the mean cross-entropy of the target's tokens and of the end (term `tokens`): that of Python's models, which shift `labels` to the right, with
 * −100 in padding. In predicting it writes token by token behind the start token and the prefix, with the keys and values of what came before,
 * and those of what it looks at computed once.
 */
export class TextDecoderHead extends Head<TextDecoderOutput, WrittenText, typeof writingOptions, string> {
  readonly requires: Requirements;
  override readonly reads: readonly FusedPart[];
  override readonly readsSlots: readonly string[] | undefined;
  override readonly predictOptions = writingOptions;
  override readonly evaluateLoss?: NonNullable<Head['evaluateLoss']>;
  readonly decoder: CrossAttentionDecoder;
  readonly #target: DecodedTarget;
  readonly #generation: GenerationOptions;
  readonly #attendsTo: string | undefined;
  readonly #figures: WrittenFigures;
  #writer: DecoderWriter | undefined;
  #backend = '';

  constructor({ decoder, target, generation, attendsTo, figures = [] }: TextDecoderHeadConfig) {
    super();
    this.requires = attendsTo === undefined ? {} : { all: [attendsTo] };
    this.reads = attendsTo === undefined ? [] : ['encoded'];
    this.readsSlots = attendsTo === undefined ? undefined : [attendsTo];
    this.decoder = decoder;
    this.#target = target;
    this.#generation = generation;
    this.#attendsTo = attendsTo;
    this.#figures = figures;
    if (figures.includes('perplexity')) this.evaluateLoss = tokenFigures;
  }

  forward({ fused }: HeadInput, context: Context, target?: TargetBatch): TextDecoderOutput {
    if (!target) return {};
    const { ids, mask } = target.features as Record<'ids' | 'mask', tf.Tensor2D>;
    const attended = attendedTokens(selectRows(fused, [...target.rows]), this.#attendsTo);
    const tokens = this.decoder.forward({ inputIds: this.#shifted(ids), mask }, attended, context);
    return { guesses: { logits: this.decoder.logits(tokens), ids, mask } };
  }

  loss(target: TargetBatch | undefined): LossTerms<TextDecoderOutput> {
    if (!target) return {};
    const count = Array.from(target.values.mask.data).reduce((sum, one) => sum + one, 0);
    const sum = ({ guesses }: TextDecoderOutput) => {
      const { logits, ids, mask } = guesses!;
      return tf.sum<tf.Scalar>(tf.mul(sparseSoftmaxCrossEntropy(logits, ids), mask));
    };
    return { tokens: { count, sum } };
  }

  /** The logits of the token that each row begins with, behind the start token and the prefix: (B, V). */
  override passScores({ fused }: HeadInput, context: Context): { logits: tf.Tensor2D } {
    const attended = attendedTokens(fused, this.#attendsTo);
    const rows = attended.mask.shape[0];
    const given = this.#given();
    const inputIds = tf.tile(tf.tensor2d(given, [1, given.length], 'int32'), [rows, 1]);
    const mask = tf.ones<tf.Rank.R2>([rows, given.length]);
    return {
      logits: this.decoder.logits(lastTokens(this.decoder.forward({ inputIds, mask }, attended, context), mask)),
    };
  }

  override async *produce(
    { fused }: HeadInput,
    { signal }: Context,
    asked: WritingOptions,
  ): AsyncGenerator<ProducedPiece<string>, TextDecoderOutput, void> {
    const attended = attendedTokens(fused, this.#attendsTo);
    const rows = this.writing(attended);
    try {
      const prompts = await this.prompts(rows, attended.mask.shape[0]);
      return yield* writeTexts(rows.decoder, prompts, { ...this.#wordsOf(asked), signal });
    } finally {
      rows.dispose();
    }
  }

  /** What is given of each row where the model writes, before it: the start token and the prefix, unless a subclass says otherwise. */
  protected async prompts(_rows: WrittenRows, count: number): Promise<Int32Array[]> {
    return Array.from({ length: count }, () => this.#given());
  }

  /** Whether an id stands for something in the text that is written: all do, unless a subclass says otherwise. */
  protected isText(_id: number): boolean {
    return true;
  }

  /** What writes about some tokens, for whoever says by himself what is written. */
  writing(attended: AttendedTokens): WrittenRows {
    if (this.#backend !== tf.getBackend()) this.#stopWriting();
    this.#backend = tf.getBackend();
    this.#writer ??= new DecoderWriter(this.decoder);
    return this.#writer.about(attended);
  }

  scores({ ids, endings, scores, before }: TextDecoderOutput): tf.NamedTensorMap {
    return { ids: ids!, endings: endings!, scores: scores!, before: before! };
  }

  answers(scores: Readonly<Record<string, HostTensor>>, { size }: PresentRows, asked: WritingOptions): WrittenText[] {
    return writtenTexts(scores, size, this.#wordsOf(asked));
  }

  /** The share of targets that are written to the letter, and the `figures` of its config. */
  override evaluate(predictions: readonly WrittenText[], targets: readonly (Features | undefined)[]): Metrics {
    return writtenFigures(this.#judged(predictions, targets), this.#figures);
  }

  override rowFigures(predictions: readonly WrittenText[], targets: readonly (Features | undefined)[]) {
    return writtenRowFigures(this.#judged(predictions, targets), this.#figures);
  }

  override dispose(): void {
    this.#stopWriting();
    super.dispose();
  }

  #judged(predictions: readonly WrittenText[], targets: readonly (Features | undefined)[]): JudgedTexts {
    return { predictions, targets, target: this.#target, given: this.#target.prefixIds.length };
  }

  /** (P, M), what stands before each token of a target. */
  #shifted(ids: tf.Tensor2D): tf.Tensor2D {
    const [rows, length] = ids.shape;
    const start = tf.fill([rows, 1], this.#target.startTokenId, 'int32') as tf.Tensor2D;
    return tf.concat([start, tf.slice(ids, [0, 0], [rows, length - 1])], 1);
  }

  /** What is given where the model writes. */
  #given(): Int32Array {
    return Int32Array.of(this.#target.startTokenId, ...this.#target.prefixIds);
  }

  #wordsOf(asked: WritingOptions) {
    const isText = (id: number) => this.isText(id);
    return { options: this.#optionsOf(asked), codec: this.#target.textCodec, isText };
  }

  /** What was asked for, before what the model writes with by default. */
  #optionsOf(asked: WritingOptions): WritingOptions {
    const end = this.#target.endTokenId;
    return withGenerationDefaults(asked, { ...(end !== undefined && { eosTokenId: end }), ...this.#generation });
  }

  #stopWriting(): void {
    this.#writer?.dispose();
    this.#writer = undefined;
  }
}
