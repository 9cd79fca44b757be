import {
  type AskedSample,
  type Compiled,
  type Context,
  compiled,
  type Features,
  type Fused,
  Head,
  type HeadInput,
  type HostTensor,
  hostTensor,
  type KnownSample,
  type LossTerms,
  type PresentRows,
  type ProducedPiece,
  selectRows,
  type TargetBatch,
} from '@polymodal/core';
import {
  CachedTokenDecoder,
  type CausalEncoder,
  causalSequence,
  type GenerationOptions,
  type SequenceLayers,
  type SequenceProgram,
  sequenceProgram,
} from '@polymodal/generation';
import { Linear, linear, sparseSoftmaxCrossEntropy } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import { type Guesses, guessesBehind, guessesWithin } from './guesses';
import { lastAnswer } from './last-answer';
import { lastTokens } from './last-tokens';
import { tokenFigures } from './perplexity';
import { promptMask } from './prompt-mask';
import { readSequences } from './read-sequences';
import { requireRoomToLearn, requireRoomToWrite } from './require-room';
import { tiedToAdapted } from './tied-to-adapted';
import { withGenerationDefaults } from './with-generation-defaults';
import { type WrittenText, type WrittenTokens, writeTexts, writtenTexts } from './write-texts';
import { writingOptions } from './writing-options';
import { type WrittenFigures, writtenFigures, writtenRowFigures } from './written-figures';
import type { WrittenTarget } from './written-target';

type WritingOptions = z.output<typeof writingOptions>;

/** What a {@link LanguageModelHead} computes. */
export interface LanguageModelOutput extends Partial<WrittenTokens> {
  /** Of the rows that have a target: what is guessed of its tokens. */
  readonly guesses?: Guesses;
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
  /** What it tells of texts beside the share of those that are right; nothing by default. */
  readonly figures?: WrittenFigures;
}

/**
 * Guesses the next token of a causal sequence (the head of HF `GPT2LMHeadModel`, `LlamaForCausalLM`, `Qwen2ForCausalLM`), and so writes
 * what follows each row: captions, answers, the rest of a text. What the sequence consists of, and what runs between its layers, is the
 * fusion's.
 *
 * It learns from its target, which runs behind the row through the same layers: the loss is the mean cross-entropy of the target's
 * tokens and of the end (term `tokens`), each guessed from all before it. That is the loss of Python's models with the labels −100 on
 * the prompt. With `learns: 'sequence'` it learns the tokens of the rows themselves, as in pre-training, the first of each apart; with
 * `learns: 'answers'` of these the answers of conversations alone. In predicting it goes on from the keys and values of the fusion's own pass,
 * token by token. Its figures are the share of targets, or of last answers of conversations, that are written to the letter, and the `figures`
 * of its config; of sequences cross-entropy and perplexity.
 */
export class LanguageModelHead extends Head<LanguageModelOutput, WrittenText, typeof writingOptions, string> {
  readonly requires = {};
  override readonly reads = ['causal'] as const;
  override readonly predictOptions = writingOptions;
  override readonly asked?: NonNullable<Head['asked']>;
  /** Undefined where the sequence is learned: nothing says how it should go on. */
  override readonly evaluate?: NonNullable<Head<LanguageModelOutput, WrittenText>['evaluate']>;
  override readonly rowFigures?: NonNullable<Head<LanguageModelOutput, WrittenText>['rowFigures']>;
  override readonly evaluateLoss?: NonNullable<Head['evaluateLoss']>;
  /** Undefined where its weight is tied to the embeddings. */
  readonly lmHead: Linear | undefined;
  readonly #encoder: CausalEncoder;
  readonly #target: WrittenTarget;
  readonly #generation: GenerationOptions;
  #writing: Writing | undefined;

  constructor({ encoder, tied, generation, target, figures = [] }: LanguageModelHeadConfig) {
    super();
    this.#encoder = encoder;
    this.#target = target;
    this.#generation = generation;
    const { learns, slot } = target;
    if (learns === 'answers') this.asked = (features) => askedOf(features, slot);
    if (learns !== 'sequence') {
      this.evaluate = (predictions, targets) => writtenFigures({ predictions, targets, target }, figures);
      this.rowFigures = (predictions, targets) => writtenRowFigures({ predictions, targets, target }, figures);
    }
    if (learns === 'sequence' || figures.includes('perplexity')) this.evaluateLoss = tokenFigures;
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
    if (this.lmHead) return this.lmHead.forward(tokens);
    const { weight, adapter } = this.#encoder.tokenEmbeddings;
    if (adapter) throw tiedToAdapted();
    return linear(tokens, weight.value);
  }

  /** @throws SampleError for a prompt, with what is learned behind it, that is longer than there are positions, or than may be asked for */
  override checkSample({ features, target, tokenCount }: KnownSample, asked?: WritingOptions): void {
    if (tokenCount === undefined) return;
    const prompt = tokenCount - (tokenCount > 1 && this.#target.isClosed(features) ? 1 : 0); // see promptMask
    const positions = this.#encoder.maxPositionEmbeddings;
    if (asked) requireRoomToWrite(prompt, this.#optionsOf(asked));
    else if (target && this.#target.learns === 'target') requireRoomToLearn(prompt, target.ids.shape[0], positions);
  }

  forward({ fused }: HeadInput, context: Context, target?: TargetBatch): LanguageModelOutput {
    if (!target) return {};
    const own = selectRows(fused, [...target.rows]);
    const logits = (tokens: tf.Tensor3D) => this.logits(tokens);
    const { learns } = this.#target;
    if (learns !== 'target') return { guesses: guessesWithin(own, target, logits, learns) };
    return { guesses: guessesBehind({ ...own, mask: this.#promptMask(own) }, target, logits, context) };
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
    const { caches, memory, through, ...causal } = causalSequence(fused);
    const mask = tf.tidy(() => this.#promptMask(fused));
    const prompts = await readSequences(causal, mask, (id) => this.#isPlaceholder(id));
    const { logits: logitsOf, decoder: next } = this.#writingWith(through());
    const logits = await read(tf.tidy(() => logitsOf({ last: lastTokens(fused.tokens, mask) }).logits));
    mask.dispose();
    const decoder = next.about(memory).behind({ caches, places: prompts.map(({ places }) => places) }, logits);
    const given = prompts.map(({ ids: known, places }) => ({ ids: known, length: places.length }));
    const options = this.#optionsOf(asked);
    return yield* writeTexts(decoder, given, { options, signal, codec: this.#target.textCodec });
  }

  scores({ ids, endings, scores, before }: LanguageModelOutput): tf.NamedTensorMap {
    return { ids: ids!, endings: endings!, scores: scores!, before: before! };
  }

  answers(scores: Readonly<Record<string, HostTensor>>, { size }: PresentRows, asked: WritingOptions): WrittenText[] {
    return writtenTexts(scores, size, { options: this.#optionsOf(asked), codec: this.#target.textCodec });
  }

  override dispose(): void {
    this.#stopWriting();
    super.dispose();
  }

  #promptMask(fused: Fused): tf.Tensor2D {
    return promptMask(fused, this.#target.closingId);
  }

  /** Whether an id stands for values of documents in the vocabulary; one that no token was named for is but a stand-in. */
  #isPlaceholder(id: number): boolean {
    const { textCodec } = this.#target;
    return id < this.vocabSize && (!textCodec || textCodec.placeholderIds?.includes(id) === true);
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

/** A sample up to the last answer of its conversation, and that answer. */
function askedOf(features: Readonly<Record<string, Features>>, slot: string): AskedSample | undefined {
  const parted = features[slot] && lastAnswer(features[slot]);
  if (!parted) return undefined;
  const { asked, answer } = parted;
  return { features: { ...features, [slot]: asked }, target: { ids: hostTensor(answer, [answer.length]) } };
}

/** The values of a tensor, which is disposed. */
async function read(tensor: tf.Tensor): Promise<Float32Array> {
  const values = await tensor.data<'float32'>();
  tensor.dispose();
  return values;
}
