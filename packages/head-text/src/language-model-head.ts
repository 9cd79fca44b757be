import {
  type Compiled,
  type Context,
  compiled,
  type Features,
  type Fused,
  Head,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  type Metrics,
  type PresentRows,
  type ProducedPiece,
  RandomKey,
  selectRows,
  type TargetBatch,
} from '@polymodal/core';
import {
  CachedTokenDecoder,
  type CausalEncoder,
  causalSequence,
  type FinishReason,
  followSequence,
  type GenerationOptions,
  GrowingText,
  generateTokens,
  generationOptions,
  type SequenceLayers,
  type SequenceProgram,
  sequenceProgram,
} from '@polymodal/generation';
import { Linear, linear, sparseSoftmaxCrossEntropy } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { lastTokens } from './last-tokens';
import { promptMask } from './prompt-mask';
import { readSequences } from './read-sequences';
import { withGenerationDefaults } from './with-generation-defaults';
import type { WrittenTarget } from './written-target';

const predictOptions = generationOptions.extend({
  /**
   * Of drawing: what is drawn follows from it and from the row's place in its batch, since equal prompts of one call shall differ. So a
   * sample draws the same in calls of its own alone. Something else each time by default.
   */
  seed: z.int().optional(),
});

type WritingOptions = z.output<typeof predictOptions>;

/** What is written behind a row. */
export interface WrittenText {
  /** Without what ended it; `''` of a model that came without its tokenizer. */
  readonly text: string;
  /** Its tokens, also that which ended it. */
  readonly ids: Int32Array;
  readonly finishReason: FinishReason;
}

/** Tokens, guessed each from all before it. */
export interface Guesses {
  /** (P, M, V) */
  readonly logits: tf.Tensor3D;
  /** int32 (P, M): those that came. */
  readonly ids: tf.Tensor2D;
  /** (P, M), 1 = counts. */
  readonly mask: tf.Tensor2D;
}

/** What a {@link LanguageModelHead} computes. */
export interface LanguageModelOutput {
  /** Of the rows that have a target: what is guessed of its tokens. */
  readonly guesses?: Guesses;
  /** Of all rows: the tokens written (B, T), −1 behind the end of each. */
  readonly ids?: tf.Tensor2D;
  /** The last tokens before them (B, C), −1 where there are fewer: what a text's first space may depend on. */
  readonly before?: tf.Tensor2D;
}

/** What writes with the layers of a fusion. */
interface Writing {
  readonly program: SequenceProgram;
  /** What may follow the last tokens of rows: (B, D) → (B, V). */
  readonly logits: Compiled<{ last: tf.Tensor2D }, { logits: tf.Tensor2D }>;
  readonly decoder: CachedTokenDecoder;
}

/** What a {@link LanguageModelHead} is made from. */
export interface LanguageModelHeadConfig {
  /** Whose tokens are written. */
  readonly encoder: CausalEncoder;
  /** Whether its weight is that of the token embeddings. */
  readonly tied: boolean;
  readonly generation: GenerationOptions;
  readonly target: WrittenTarget;
}

/**
 * Guesses the next token of a causal sequence (the head of HF `GPT2LMHeadModel`, `LlamaForCausalLM`, `Qwen2ForCausalLM`), and so writes
 * what follows each row: captions, answers, the rest of a text. What the sequence consists of, and what runs between its layers, is the
 * fusion's.
 *
 * It learns from its target, which runs behind the row through the same layers: the loss is the mean cross-entropy of the target's
 * tokens and of the end (term `tokens`), each guessed from all before it. That is the loss of Python's models with the labels −100 on
 * the prompt. With `learns: 'sequence'` it learns the tokens of the rows themselves, as in pre-training, the first of each apart. In predicting it goes on from the keys and values of the fusion's own pass, token by token.
 */
export class LanguageModelHead extends Head<LanguageModelOutput, WrittenText, typeof predictOptions, string> {
  readonly requires = {};
  override readonly reads = ['causal'] as const;
  override readonly predictOptions = predictOptions;
  /** Undefined where its weight is tied to the embeddings. */
  readonly lmHead: Linear | undefined;
  readonly #encoder: CausalEncoder;
  readonly #target: WrittenTarget;
  readonly #generation: GenerationOptions;
  #writing: Writing | undefined;

  constructor({ encoder, tied, generation, target }: LanguageModelHeadConfig) {
    super();
    this.#encoder = encoder;
    this.#target = target;
    this.#generation = generation;
    this.lmHead = tied ? undefined : new Linear(encoder.hiddenSize, this.vocabSize, { bias: false });
  }

  /** V, which ids lie below. */
  get vocabSize(): number {
    return this.#encoder.tokenEmbeddings.numEmbeddings;
  }

  /**
   * @param tokens (…, D), finished
   * @returns (…, V)
   */
  logits<T extends tf.Tensor>(tokens: T): T {
    return this.lmHead ? this.lmHead.forward(tokens) : linear(tokens, this.#encoder.tokenEmbeddings.weight.value);
  }

  forward({ fused }: HeadInput, context: Context, target?: TargetBatch): LanguageModelOutput {
    if (!target) return {};
    const own = selectRows(fused, [...target.rows]);
    if (this.#target.learns === 'sequence') return { guesses: this.#within(own) };
    return { guesses: this.#behind({ ...own, mask: this.#promptMask(own) }, target, context) };
  }

  loss(target: TargetBatch | undefined): LossTerms<LanguageModelOutput> {
    if (!target) return {};
    const count = Array.from(target.values.mask.data).reduce((sum, one) => sum + one, 0);
    const sum = ({ guesses }: LanguageModelOutput) => {
      const { logits, ids, mask } = guesses!;
      return tf.sum<tf.Scalar>(tf.mul(sparseSoftmaxCrossEntropy(logits, ids), mask));
    };
    return { tokens: { count, sum } };
  }

  /**
   * The logits of the token after each (B, N, V), and which tokens a row is continued behind (B, N): what follows it is in the last of
   * them. A token that closes the row is not among them.
   */
  override passScores({ fused }: HeadInput): { logits: tf.Tensor3D; present: tf.Tensor2D } {
    return { logits: this.logits(fused.tokens), present: this.#promptMask(fused) };
  }

  override async *produce(
    { fused }: HeadInput,
    { signal }: Context,
    asked: WritingOptions,
  ): AsyncGenerator<ProducedPiece<string>, LanguageModelOutput, void> {
    const { seed, ...options } = this.#optionsOf(asked);
    const { caches, memory, ids, through } = causalSequence(fused);
    const mask = tf.tidy(() => this.#promptMask(fused));
    const prompts = await readSequences(ids, mask);
    const { logits: logitsOf, decoder: next } = this.#writingWith(through());
    const logits = await read(tf.tidy(() => logitsOf({ last: lastTokens(fused.tokens, mask) }).logits));
    mask.dispose();
    const decoder = next.about(memory).behind({ caches, places: prompts.map(({ places }) => places) }, logits);
    const control = { ...(signal && { signal }), ...(seed !== undefined && { key: RandomKey.from(seed) }) };
    const texts = prompts.map((prompt) => new GrowingText((own) => this.#target.decode(own), prompt.ids));
    const written = prompts.map((): number[] => []);
    const given = prompts.map(({ ids: known, places }) => ({ ids: known, length: places.length }));
    for await (const turn of generateTokens(decoder, given, { ...options, ...control })) {
      for (const { index, id, finishReason } of turn) {
        written[index].push(id);
        const own = finishReason === 'stop' ? '' : texts[index].add(id); // the end is no part of the text
        const piece = own + (finishReason ? texts[index].end() : '');
        if (piece !== '') yield { row: index, piece };
      }
    }
    return {
      ids: padded(written, 'end'),
      before: padded(
        prompts.map(({ ids: known }) => [...known.slice(-8)]),
        'start',
      ),
    };
  }

  scores({ ids, before }: LanguageModelOutput): tf.NamedTensorMap {
    return { ids: ids!, before: before! };
  }

  answers(
    { ids, before }: Readonly<Record<string, HostTensor>>,
    { size }: PresentRows,
    asked: WritingOptions,
  ): WrittenText[] {
    const ends = [this.#optionsOf(asked).eosTokenId ?? []].flat();
    return Array.from({ length: size }, (_, row) => {
      const own = rowOf(ids, row);
      const text = new GrowingText((tokens) => this.#target.decode(tokens), rowOf(before, row));
      const finishReason = ends.includes(own.at(-1)!) ? 'stop' : 'length';
      const pieces = (finishReason === 'stop' ? own.slice(0, -1) : own).map((id) => text.add(id));
      return { text: pieces.join('') + text.end(), ids: Int32Array.from(own), finishReason };
    });
  }

  /** The share of targets that are written to the letter. */
  override evaluate(predictions: readonly WrittenText[], targets: readonly (Features | undefined)[]): Metrics {
    if (this.#target.learns === 'sequence') return {};
    const right = predictions.flatMap(({ text }, row) => {
      const target = targets[row];
      if (!target) return [];
      const ids = Array.from(target.ids.data);
      return [text === this.#target.decode(ids.at(-1) === this.#target.endTokenId ? ids.slice(0, -1) : ids)];
    });
    return right.length === 0 ? {} : { accuracy: right.filter(Boolean).length / right.length };
  }

  override dispose(): void {
    this.#stopWriting();
    super.dispose();
  }

  #promptMask(fused: Fused): tf.Tensor2D {
    return promptMask(fused, this.#target.closingId);
  }

  /** Of the target, which runs behind the rows. */
  #behind(fused: Fused, { features }: TargetBatch, context: Context): Guesses {
    const [ids, mask] = [features.ids as tf.Tensor2D, features.mask as tf.Tensor2D];
    const first = tf.expandDims<tf.Tensor3D>(lastTokens(fused.tokens, fused.mask), 1); // (P, 1, D)
    const given = { inputIds: withoutLast(ids), mask: withoutLast(mask) };
    const rest = ids.shape[1] > 1 ? followSequence(fused, given, context) : undefined; // (P, M − 1, D)
    return { logits: this.logits(rest ? tf.concat([first, rest], 1) : first), ids, mask };
  }

  /** Of the rows themselves: their ids, but for the first of each. */
  #within({ tokens, causal }: Fused): Guesses {
    const [batch, length, width] = tokens.shape;
    const ids = causal!.ids; // (P, N)
    const isText = tf.cast(tf.greaterEqual(ids, 0), 'float32');
    const hasBefore = tf.cast(tf.greater(tf.cumsum(isText, 1, true), 0), 'float32');
    const next = <T extends tf.Tensor>(x: T) => tf.slice(x, [0, 1], [batch, length - 1]) as T;
    return {
      logits: this.logits(tf.slice(tokens, [0, 0, 0], [batch, length - 1, width])),
      ids: next(tf.cast(tf.maximum<tf.Tensor2D>(ids, 0), 'int32')),
      mask: next(tf.mul<tf.Tensor2D>(isText, hasBefore)),
    };
  }

  /** What was asked for, before what the model writes with by default. */
  #optionsOf(asked: WritingOptions): WritingOptions {
    const end = this.#target.endTokenId;
    return withGenerationDefaults(asked, { ...(end !== undefined && { eosTokenId: end }), ...this.#generation });
  }

  /** What is compiled to write with the layers of a fusion is kept for the next sequences. */
  #writingWith(layers: SequenceLayers): Writing {
    const program = sequenceProgram(layers);
    if (this.#writing?.program !== program) {
      this.#stopWriting();
      this.#writing = this.#newWriting(program, layers.encoder.maxPositionEmbeddings);
    }
    return this.#writing;
  }

  #newWriting(program: SequenceProgram, maxLength: number): Writing {
    const logits: Writing['logits'] = compiled(({ last }) => ({ logits: this.logits(last) }), {
      dynamicAxes: { last: { 0: 'rows' } },
      takesTurns: true, // with the layers
    });
    const pass = program.pass((last) => logits({ last }).logits);
    return { program, logits, decoder: new CachedTokenDecoder({ vocabSize: this.vocabSize, maxLength }, pass) };
  }

  #stopWriting(): void {
    this.#writing?.logits.dispose();
    this.#writing?.decoder.dispose();
    this.#writing = undefined;
  }
}

/** The values of a tensor, which is disposed. */
async function read(tensor: tf.Tensor): Promise<Float32Array> {
  const values = await tensor.data<'float32'>();
  tensor.dispose();
  return values;
}

/** (P, M) → (P, M − 1) */
function withoutLast(feature: tf.Tensor2D): tf.Tensor2D {
  return tf.slice(feature, [0, 0], [-1, feature.shape[1] - 1]);
}

/** Lists of ids as a tensor (B, T) of the longest, −1 at one end of shorter ones. */
function padded(rows: readonly (readonly number[])[], at: 'start' | 'end'): tf.Tensor2D {
  const length = Math.max(1, ...rows.map((row) => row.length));
  const values = new Int32Array(rows.length * length).fill(-1);
  rows.forEach((row, index) => values.set(row, index * length + (at === 'start' ? length - row.length : 0)));
  return tf.tensor2d(values, [rows.length, length], 'int32');
}

/** What {@link padded} was given. */
function rowOf({ data, shape: [, length] }: HostTensor, row: number): number[] {
  return Array.from(data.subarray(row * length, (row + 1) * length)).filter((id) => id >= 0);
}
