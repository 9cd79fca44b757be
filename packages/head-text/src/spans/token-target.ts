import {
  bucketLength,
  ConfigError,
  commonLengths,
  defineTarget,
  describeValue,
  type HostTensor1D,
  type HostTensor2D,
  hostTensor,
  isRecord,
  type Lengths,
  type ProcessContext,
  type Processor,
  padAndStack,
  SampleError,
  suggestNames,
} from '@polymodal/core';
import { z } from 'zod';
import { locatedSlot } from './located-slot';
import { type LocatedText, type LocatedToken, locatedText, requireSpan } from './located-text';
import { joinTagged, type LabelledSpan, labelsOf, tagIndex, tagsOf } from './tags';

const names = z
  .array(z.string().min(1))
  .min(1)
  .refine((all) => new Set(all).size === all.length, 'names that differ from one another')
  .readonly();

const options = z.object({
  /** The slot whose text it is; by default the only one of texts. */
  of: z.string().min(1).optional(),
  /** What spans are of: each has two tags, `B-` for the token where one begins and `I-` for those behind, and all else is `O`. */
  labels: names.optional(),
  /** The tags themselves in their order, in place of labels: those of a model's `id2label`, say. */
  tags: names.optional(),
  /** Which tokens of a word are learned: its first, as is usual, or all of them. */
  learns: z.enum(['first', 'all']).default('first'),
  /** Tokens of a batch are padded to a multiple of this. */
  bucketSize: z.int().min(1).default(16),
});

/** What of a text its spans say, (N) for its tokens. */
export type TaggedRow = {
  /** int32 (N): the tag of each token, −1 of one that is not learned. */
  readonly tags: HostTensor1D;
  /** int32 (S, 3): where each of the spans begins and ends, and of which label it is. */
  readonly spans: HostTensor2D;
};

/** Those of P texts. */
export type TaggedFeatures = {
  /** int32 (P, N), 0 for what does not count. */
  readonly tags: HostTensor2D;
  /** (P, N), 1 = is learned. */
  readonly counted: HostTensor2D;
};

/** Sizes and choices of a {@link TokenTarget}. */
export type TokenTargetConfig = Pick<z.output<typeof options>, 'learns' | 'bucketSize'> & {
  readonly tags: readonly string[];
};

/**
 * What the tokens of a text are: a list of spans, `{ start, end, label }` in units of UTF-16, none of which overlap; or of tags, one for each
 * of the words between white space. An empty list says that there is none.
 */
export class TokenTarget implements Processor<unknown, TaggedRow, TaggedFeatures> {
  readonly labels: readonly string[];

  constructor(
    readonly slot: string,
    readonly config: TokenTargetConfig,
  ) {
    this.labels = labelsOf(config.tags);
  }

  get tags(): readonly string[] {
    return this.config.tags;
  }

  /** @throws SampleError for spans beyond the text, that overlap or cut a character, labels that are unknown, and tags that are not as many as words */
  process(raw: unknown, { modalities }: ProcessContext): TaggedRow {
    if (!Array.isArray(raw)) throw unreadable(raw);
    const own = modalities?.[this.slot];
    const text = own ? locatedText(own, this.slot) : undefined;
    if (!text) return { tags: hostTensor(new Int32Array(0), [0]), spans: hostTensor(new Int32Array(0), [0, 3]) };
    if (raw.length > 0 && raw.every((tag) => typeof tag === 'string')) return this.#ofWords(raw, text);
    const spans = raw.map((span, index) => within(`span ${index}`, () => this.#span(span, text.text)));
    const inOrder = [...spans].sort((one, other) => one.start - other.start);
    requireApart(inOrder);
    return this.#row(text, inOrder, this.#tagsOfSpans(text, inOrder));
  }

  collate(rows: readonly TaggedRow[], lengths?: Lengths): TaggedFeatures {
    const { tokens } = commonLengths(
      rows.map((row) => this.shape(row)),
      lengths,
    );
    const all = rows.map(({ tags }) => Int32Array.from(tags.data));
    const padded = (own: readonly (Int32Array | Uint8Array)[], dtype?: 'float32') =>
      padAndStack(
        own.map((values): HostTensor1D => hostTensor(values, [values.length], dtype)),
        [tokens],
      );
    return {
      tags: padded(all.map((tags) => tags.map((tag) => Math.max(0, tag)))),
      counted: padded(
        all.map((tags) => Uint8Array.from(tags, (tag) => Number(tag >= 0))),
        'float32',
      ),
    };
  }

  shape({ tags }: TaggedRow) {
    return { lengths: { tokens: bucketLength(Math.max(1, tags.shape[0]), this.config.bucketSize) } };
  }

  #span(raw: unknown, text: string): LabelledSpan {
    if (!isRecord(raw)) throw unreadable(raw);
    const { start, end, label, text: written, ...others } = raw;
    const [other] = Object.keys(others);
    if (other !== undefined) {
      const hint = suggestNames(other, ['start', 'end', 'label', 'text']);
      throw new SampleError({ expected: 'start, end and label of a span', received: `"${other}"`, hint });
    }
    const span = requireSpan({ start, end }, text);
    if (typeof label !== 'string' || !this.labels.includes(label)) {
      throw new SampleError({
        expected: `one of ${this.labels.length} labels`,
        received: describeValue(label),
        ...(typeof label === 'string' && { hint: suggestNames(label, this.labels) }),
      });
    }
    const own = text.slice(span.start, span.end);
    if (written !== undefined && written !== own) {
      throw new SampleError({
        expected: `${JSON.stringify(own)}, as stands in the text from ${span.start} to ${span.end}`,
        received: describeValue(written),
        hint: 'Positions are units of UTF-16, as in JavaScript: Python counts code points.',
      });
    }
    return { ...span, label };
  }

  /** Words that a span has a part in have its tags; of a word of two spans, the first one's. */
  #tagsOfSpans({ tokens }: LocatedText, spans: readonly LabelledSpan[]): Int32Array {
    const units = this.config.learns === 'first' ? wordsOf(tokens) : tokens.filter(({ start }) => start >= 0);
    const begun = new Set<LabelledSpan>();
    const learned = new Map<number, number>();
    for (const unit of [...units].sort((one, other) => one.index - other.index)) {
      if (learned.has(unit.index)) continue; // the same in another window
      const span = spans.find((own) => own.start < unit.end && unit.start < own.end);
      learned.set(unit.index, span ? tagIndex(this.tags, span.label, !begun.has(span)) : this.#outside());
      if (span) begun.add(span);
    }
    return Int32Array.from(tokens, ({ index }) => learned.get(index) ?? -1);
  }

  #ofWords(tags: readonly string[], text: LocatedText): TaggedRow {
    const words = [...text.text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({
      start: index,
      end: index + word.length,
    }));
    if (words.length !== tags.length) {
      throw new SampleError({
        expected: `${words.length} tags, one for each of the words that white space parts`,
        received: String(tags.length),
      });
    }
    const indices = tags.map((tag, at) => within(`tag ${at}`, () => this.#tag(tag)));
    const spans = joinTagged(
      words.map((word, at) => ({ ...word, tag: tags[at]! })),
      (label, units) => ({ start: units[0]!.start, end: units.at(-1)!.end, label }),
    );
    const taken = new Map<number, number>(); // the first token of each word
    const learned = Int32Array.from(text.tokens, ({ start, index }) => {
      const word = start < 0 ? -1 : words.findIndex((own) => own.start <= start && start < own.end);
      if (word < 0) return -1;
      if (!taken.has(word)) taken.set(word, index);
      return this.config.learns === 'all' || taken.get(word) === index ? indices[word]! : -1;
    });
    return this.#row(text, spans, learned);
  }

  #tag(tag: string): number {
    const index = this.tags.indexOf(tag);
    if (index >= 0) return index;
    throw new SampleError({
      expected: `one of ${this.tags.length} tags`,
      received: JSON.stringify(tag),
      hint: suggestNames(tag, this.tags),
    });
  }

  /** The tag of what is in no span. */
  #outside(): number {
    const index = this.tags.indexOf('O');
    if (index >= 0) return index;
    throw new SampleError({
      expected: 'tags, one for each word, since none of the model says that a word is in no span ("O")',
      received: 'spans',
    });
  }

  #row({ tokens }: LocatedText, spans: readonly LabelledSpan[], tags: Int32Array): TaggedRow {
    const flat = spans.flatMap(({ start, end, label }) => [start, end, this.labels.indexOf(label)]);
    return { tags: hostTensor(tags, [tokens.length]), spans: hostTensor(Int32Array.from(flat), [spans.length, 3]) };
  }
}

/** The first token of each word, as wide as the word. */
export function wordsOf(tokens: readonly LocatedToken[]): LocatedToken[] {
  const words: LocatedToken[] = [];
  for (const token of tokens) {
    if (token.word < 0) continue;
    const last = words.at(-1);
    if (last && last.word === token.word && last.window === token.window)
      words[words.length - 1] = { ...last, end: token.end };
    else words.push(token);
  }
  return words;
}

function requireApart(spans: readonly LabelledSpan[]): void {
  const index = spans.findIndex((span, at) => at > 0 && span.start < spans[at - 1]!.end);
  if (index < 0) return;
  const said = ({ start, end, label }: LabelledSpan) => `${label} from ${start} to ${end}`;
  throw new SampleError({
    expected: 'spans that do not overlap',
    received: `${said(spans[index - 1]!)} and ${said(spans[index]!)}`,
    hint: 'A token has one tag. Leave one of them out, or let a head of its own learn it.',
  });
}

function within<T>(where: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw SampleError.isInstance(error)
      ? error.at(error.where === undefined ? where : `${where}, ${error.where}`)
      : error;
  }
}

function unreadable(raw: unknown): SampleError {
  return new SampleError({
    expected: 'a list of spans, { start, end, label } each, or of tags, one for each word',
    received: describeValue(raw),
  });
}

/** Of the head `token-classification`. */
export const tokenTarget = defineTarget({
  config: options,
  create: ({ of, labels, tags, ...config }, { processors }) => {
    if ((labels === undefined) === (tags === undefined)) {
      throw new ConfigError({
        where: 'labels',
        expected: 'either labels, of which tags are made, or the tags themselves',
        received: labels === undefined ? 'neither' : 'both',
      });
    }
    return new TokenTarget(locatedSlot(of, processors), { ...config, tags: tags ?? tagsOf(labels!) });
  },
});
