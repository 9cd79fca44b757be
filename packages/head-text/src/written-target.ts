import {
  bucketLength,
  ConfigError,
  commonLengths,
  defineTarget,
  describeValue,
  type Features,
  hostTensor,
  type Lengths,
  lengthMask,
  type Processor,
  padAndStack,
  SampleError,
  StateError,
  suggestNames,
  type TokenCodec,
  UnknownNameError,
} from '@polymodal/core';
import { z } from 'zod';

/** Options of whatever is written. */
export const writtenOptions = {
  /** Most tokens that are learned of a text, its end included. */
  maxLength: z.int().min(1).max(65_536).default(512),
  /** What becomes of a longer one: it is refused, or, with `'cut'`, its rest is cut off, and its end with it. */
  longTargets: z.enum(['refuse', 'cut']).default('refuse'),
  /** Tokens of a batch are padded to a multiple of this. */
  bucketSize: z.int().min(1).default(16),
  /** The token that ends what is written; by default that which the tokenizer knows. */
  endTokenId: z.int().min(0).optional(),
};

const options = z.object({
  /**
   * What is learned: to write the target behind the sequence, the answers in a sequence that is a conversation, or the sequence itself
   * token by token, as in pre-training.
   */
  learns: z.enum(['target', 'answers', 'sequence']).default('target'),
  /** The slot in whose tokens it is written; by default the one whose values can be. */
  of: z.string().min(1).optional(),
  ...writtenOptions,
});

/** Sizes of a {@link WrittenTarget}. */
export type WrittenTargetConfig = Omit<z.output<typeof options>, 'of'>;

/** The processor of what is to be written: in the tokens of one of the model's slots, with the token that ends it. */
export const writtenTarget = defineTarget({
  config: options,
  create: ({ of, ...config }, { processors }) => {
    const slot = of ?? onlyWritten(processors);
    const processor = processors[slot];
    if (processor) return new WrittenTarget(slot, processor, config);
    throw new UnknownNameError({
      where: 'of',
      expected: 'the name of an encoder slot',
      received: `"${slot}"`,
      hint: suggestNames(slot, Object.keys(processors)),
    });
  },
});

/**
 * Makes `ids` (N) of a text that is to be written, with its end; P of them collate to `ids` (P, N) and `mask` (P, N). Where the sequence
 * itself is learned, or its answers are, `ids` are those of these tokens that have some of their sample before them.
 */
export class WrittenTarget implements Processor {
  readonly masks = { mask: ['ids'] };
  protected readonly config: WrittenTargetConfig;
  readonly #processor: Pick<Processor, 'codec'>;

  /**
   * @param slot      whose tokens they are
   * @param processor of that slot
   */
  constructor(
    readonly slot: string,
    processor: Pick<Processor, 'codec'>,
    config: WrittenTargetConfig,
  ) {
    this.#processor = processor;
    this.config = config;
  }

  /** @throws StateError for a slot whose values cannot be written: a pretrained one without its tokenizer, say */
  get codec(): TokenCodec {
    const { codec } = this.#processor;
    if (codec) return codec;
    throw new StateError({
      where: this.slot,
      expected: 'a slot whose values can be written, in the tokens of a tokenizer that decodes',
      received: 'one that has none',
      hint: 'A pretrained model needs the tokenizer.json that belongs to it beside its weights.',
    });
  }

  /** Undefined where it is not known. */
  get endTokenId(): number | undefined {
    return this.config.endTokenId ?? this.#processor.codec?.endIds[0];
  }

  /** See `TokenCodec`. */
  get closingId(): number | undefined {
    return this.#processor.codec?.closingId;
  }

  /** Whether a sample has its value of the slot closed as a finished one: what continues it takes the place of the last token. */
  isClosed({ [this.slot]: own }: Readonly<Record<string, Features>>): boolean {
    const { inputIds, placeSlot } = own ?? {};
    return (
      this.closingId !== undefined && inputIds?.data.at(-1) === this.closingId && (placeSlot?.data.at(-1) ?? -1) < 0
    );
  }

  /** The text of ids; `''` of a slot that has no tokenizer, whose model is fed ids and gives ids. */
  decode(ids: readonly number[]): string {
    return (this.textCodec?.decode(ids) as string | undefined) ?? '';
  }

  /** The codec of a slot whose values are texts; undefined of one without its tokenizer. */
  get textCodec(): TokenCodec | undefined {
    return this.#processor.codec;
  }

  get learns(): WrittenTargetConfig['learns'] {
    return this.config.learns;
  }

  /** Of the sequence, the ids that are guessed: all but the first of each sample, or those of answers. */
  derive({ [this.slot]: own }: Readonly<Record<string, Features>>): Features | undefined {
    if (this.learns === 'target' || !own) return undefined;
    const { inputIds, placeSlot, answers, segment } = own;
    const begun = new Set<number>(); // the segments of which a token stood before
    const guessed = Int32Array.from(inputIds.data).filter((_, place) => {
      if ((placeSlot?.data[place] ?? -1) >= 0) return false; // the place of a picture
      const hasBefore = begun.has(segment?.data[place] ?? 0);
      begun.add(segment?.data[place] ?? 0);
      return hasBefore && (this.learns === 'sequence' || answers?.data[place] === 1);
    });
    return guessed.length > 0 ? { ids: hostTensor(guessed, [guessed.length]) } : undefined;
  }

  /**
   * @throws SampleError for what the slot could not read, for more than `maxLength` tokens, unless `longTargets` is `'cut'`, and where the
   *   sequence itself is learned
   */
  process(raw: unknown): Features {
    if (this.learns !== 'target') {
      const of = this.learns === 'sequence' ? 'the sequence itself' : 'the answers of conversations';
      throw new SampleError({
        expected: `no target, since the head learns ${of}`,
        received: describeValue(raw),
        hint: "Leave it out, or let the head learn targets: learns: 'target'.",
      });
    }
    const { codec } = this;
    const { maxLength, longTargets } = this.config;
    const whole = [...idsOf(codec, raw, maxLength), this.requireEnd()];
    if (whole.length > maxLength && longTargets !== 'cut') throw this.#tooLong(raw);
    const unknown = whole.find((id) => id >= codec.vocabSize);
    if (unknown !== undefined) {
      throw new SampleError({
        expected: `tokens of the model, whose ids lie below ${codec.vocabSize}`,
        received: `token ${unknown} in ${describeValue(raw)}`,
      });
    }
    const ids = Int32Array.from(whole.slice(0, maxLength));
    return { ids: hostTensor(codec.vocabSize <= 2 ** 16 ? Uint16Array.from(ids) : ids, [ids.length]) };
  }

  collate(rows: readonly Features[], lengths?: Lengths): Features {
    const ids = rows.map((row) => row.ids);
    const { tokens } = commonLengths(
      rows.map((row) => this.shape(row)),
      lengths,
    );
    const mask = lengthMask(
      ids.map(({ shape }) => shape[0]),
      tokens,
    );
    return { ids: padAndStack(ids, [tokens]), mask };
  }

  shape({ ids }: Features) {
    return { lengths: { tokens: bucketLength(ids.shape[0], this.config.bucketSize) } };
  }

  /** How long it is is counted as far as a text may be that is only long. */
  #tooLong(raw: unknown): SampleError {
    const { maxLength } = this.config;
    const most = countedLengths * maxLength;
    const { length } = this.codec.encode(raw, most);
    return new SampleError({
      expected: `a text of at most ${maxLength} tokens, its end among them`,
      received: length < most ? `one of ${length + 1}` : `one of more than ${most}`,
      hint: "Shorten it, raise maxLength of the head, or have the rest cut off: longTargets: 'cut'.",
    });
  }

  /** @throws ConfigError where it is not known */
  protected requireEnd(): number {
    const end = this.endTokenId;
    if (end !== undefined) return end;
    throw new ConfigError({
      where: 'endTokenId',
      expected: 'the id of the token that ends what is written',
      received: `none, and the tokenizer of "${this.slot}" does not tell`,
    });
  }
}

const countedLengths = 64;

/** What the slot says of a raw value, without its hint, which is on inputs. */
function idsOf(codec: TokenCodec, raw: unknown, maxLength: number): Int32Array {
  try {
    return codec.encode(raw, maxLength);
  } catch (error) {
    if (!SampleError.isInstance(error)) throw error;
    const { expected, received } = error;
    const hint = 'Leave the target out (or undefined) where nothing is to be written.';
    throw new SampleError({ expected, received, hint, cause: error });
  }
}

/** The slot in whose tokens is written, where one is not named. @throws ConfigError where there are several, or none */
export function onlyWritten(processors: Readonly<Record<string, Processor>>): string {
  const [slot, ...others] = Object.keys(processors).filter((name) => processors[name].codec);
  if (slot !== undefined && others.length === 0) return slot;
  throw new ConfigError({
    where: 'of',
    expected: 'the slot in whose tokens is written',
    received: slot === undefined ? 'a model without a slot of texts' : 'none named',
    hint: slot === undefined ? undefined : `One of ${[slot, ...others].join(', ')}.`,
  });
}
