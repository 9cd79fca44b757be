import {
  bucketLength,
  commonLengths,
  defineTarget,
  describeValue,
  type HostTensor1D,
  type HostTensor2D,
  type HostTensor3D,
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
import { type CharacterSpan, type LocatedText, type LocatedToken, locatedText, requireSpan } from './located-text';

const options = z.object({
  /** The slot whose text it is; by default the only one of texts. */
  of: z.string().min(1).optional(),
  /** Whether a text may have no answer: then the first token of all, which is no part of it, stands for none. */
  noAnswer: z.boolean().default(false),
  /** Tokens of a batch are padded to a multiple of this. */
  bucketSize: z.int().min(1).default(16),
});

/** Where the answer stands in a text of W windows. */
export type AnswerRow = {
  /** int32 (W, N): which of the slot's tokens are those of each window, −1 in padding. */
  readonly places: HostTensor2D;
  /** int32 (W): at which of the window's tokens the answer begins, −1 of a window that is not learned. */
  readonly starts: HostTensor1D;
  /** int32 (W): with which it ends. */
  readonly ends: HostTensor1D;
  /** int32 (A): how long each of the answers that are right is. */
  readonly lengths: HostTensor1D;
  /** (T): these answers one after the other, in units of UTF-16. */
  readonly characters: HostTensor1D;
};

/** Those of P texts. */
export type AnswerFeatures = {
  readonly places: HostTensor3D;
  readonly starts: HostTensor2D;
  readonly ends: HostTensor2D;
  /** (P, W), 1 = is learned. */
  readonly counted: HostTensor2D;
};

/**
 * Where the answer stands in a text: `{ start, end }` or `{ start, text }` in units of UTF-16, or a list of those that are right, of which the
 * first is learned, and an empty one says that there is none. What SQuAD has, `{ text: […], answer_start: […] }`, counts code points, as Python.
 */
export class SpanTarget implements Processor<unknown, AnswerRow, AnswerFeatures> {
  constructor(
    readonly slot: string,
    readonly config: Pick<z.output<typeof options>, 'noAnswer' | 'bucketSize'>,
  ) {}

  get noAnswer(): boolean {
    return this.config.noAnswer;
  }

  /** @throws SampleError for what is no span of the text, or another text than stands there, and for no answer where there has to be one */
  process(raw: unknown, { modalities }: ProcessContext): AnswerRow {
    if (!Array.isArray(raw) && !isAnswer(raw)) throw unreadable(raw);
    const own = modalities?.[this.slot];
    if (!own) return this.#row([], [], []);
    const text = locatedText(own, this.slot);
    const answers = answersOf(raw, text.text);
    if (answers.length === 0 && !this.noAnswer) {
      throw new SampleError({
        expected: 'an answer, since the head does not learn that there is none',
        received: describeValue(raw),
        hint: 'Leave the target out, or let the head learn it: noAnswer: true.',
      });
    }
    const windows = Array.from({ length: text.windows }, (_, window) => windowOf(text, window));
    return this.#row(
      windows.map(({ places }) => places),
      windows.map((window) => answerIn(window, answers[0])),
      answers.map(({ start, end }) => text.text.slice(start, end)),
    );
  }

  collate(rows: readonly AnswerRow[], given?: Lengths): AnswerFeatures {
    const { windows, tokens } = commonLengths(
      rows.map((row) => this.shape(row)),
      given,
    );
    // Places are padded by −1, and padding of host tensors is 0.
    const places = padAndStack(
      rows.map(
        ({ places }): HostTensor2D =>
          hostTensor(
            Int32Array.from(places.data, (place) => place + 1),
            places.shape,
          ),
      ),
      [windows, tokens],
    );
    const each = (of: (row: AnswerRow) => Int32Array | Uint8Array, dtype?: 'float32') =>
      padAndStack(
        rows.map((row): HostTensor1D => hostTensor(of(row), row.starts.shape, dtype)),
        [windows],
      );
    const atLeast0 = (values: ArrayLike<number>) => Int32Array.from(values, (value) => Math.max(0, value));
    return {
      places: { ...places, data: Int32Array.from(places.data, (place) => place - 1) },
      starts: each(({ starts }) => atLeast0(starts.data)),
      ends: each(({ ends }) => atLeast0(ends.data)),
      counted: each(({ starts }) => Uint8Array.from(starts.data, (start) => Number(start >= 0)), 'float32'),
    };
  }

  shape({ places }: AnswerRow) {
    const [windows, tokens] = places.shape;
    return {
      lengths: { windows: Math.max(1, windows), tokens: bucketLength(Math.max(1, tokens), this.config.bucketSize) },
    };
  }

  #row(
    places: readonly (readonly number[])[],
    answers: readonly (readonly [number, number])[],
    texts: readonly string[],
  ): AnswerRow {
    const longest = Math.max(0, ...places.map(({ length }) => length));
    const padded = places.flatMap((own) => Array.from({ length: longest }, (_, at) => own[at] ?? -1));
    const characters = texts.join('');
    const count = places.length;
    return {
      places: hostTensor(Int32Array.from(padded), [count, longest]),
      starts: hostTensor(
        Int32Array.from(answers, ([start]) => start),
        [count],
      ),
      ends: hostTensor(
        Int32Array.from(answers, ([, end]) => end),
        [count],
      ),
      lengths: hostTensor(
        Int32Array.from(texts, ({ length }) => length),
        [texts.length],
      ),
      characters: hostTensor(
        Uint16Array.from({ length: characters.length }, (_, at) => characters.charCodeAt(at)),
        [characters.length],
      ),
    };
  }
}

/** The tokens of a window, and which of the slot's they are. */
interface Window {
  readonly tokens: readonly LocatedToken[];
  readonly places: readonly number[];
}

function windowOf({ tokens }: LocatedText, window: number): Window {
  const places = tokens.flatMap((token, place) => (token.window === window ? [place] : []));
  return { places, tokens: places.map((place) => tokens[place]!) };
}

/**
 * Between which tokens of a window the answer stands; of a window that does not have all of it, the first token of all, and −1 where that is of
 * the text itself (as in HF `run_qa.py`).
 */
function answerIn({ tokens }: Window, answer: CharacterSpan | undefined): readonly [number, number] {
  const none = tokens[0] && tokens[0].start < 0 ? 0 : -1;
  if (!answer) return [none, none];
  let begins = tokens.findLastIndex(({ start }) => start >= 0 && start <= answer.start);
  let ends = tokens.findIndex(({ start, end }) => start >= 0 && end >= answer.end);
  // Tokens that stand for bytes of one character stand in the same place.
  while (areOne(tokens[begins], tokens[begins - 1])) begins--;
  while (areOne(tokens[ends], tokens[ends + 1])) ends++;
  const isWhole = begins >= 0 && ends >= 0 && begins <= ends;
  return isWhole ? [begins, ends] : [none, none];
}

function areOne(one: LocatedToken | undefined, other: LocatedToken | undefined): boolean {
  return one !== undefined && other !== undefined && one.start === other.start && one.end === other.end;
}

function answersOf(raw: unknown, text: string): CharacterSpan[] {
  if (Array.isArray(raw)) {
    return raw.map((answer, index) => {
      try {
        return answerOf(answer, text);
      } catch (error) {
        throw SampleError.isInstance(error) ? error.at(`answer ${index}`) : error;
      }
    });
  }
  if (!isRecord(raw) || !('answer_start' in raw)) return [answerOf(raw, text)];
  const { text: texts, answer_start: starts, ...others } = raw;
  const areLists = Array.isArray(texts) && Array.isArray(starts) && texts.length === starts.length;
  if (!areLists || Object.keys(others).length > 0) {
    throw new SampleError({
      expected: 'as many texts as positions, { text: […], answer_start: […] }',
      received: describeValue(raw),
    });
  }
  return starts.map((start, index) => answerOf({ start: unitAt(text, start), text: texts[index] }, text));
}

/** A position that Python counts, as one of UTF-16; what is none stays what it is, to be refused. */
function unitAt(text: string, point: unknown): unknown {
  if (!Number.isInteger(point) || (point as number) < 0) return point;
  const points = Array.from(text);
  const within = points.slice(0, point as number);
  return within.join('').length + (point as number) - within.length;
}

function answerOf(raw: unknown, text: string): CharacterSpan {
  if (!isAnswer(raw)) throw unreadable(raw);
  const { start, end, text: written, ...others } = raw;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    const hint = suggestNames(other, ['start', 'end', 'text']);
    throw new SampleError({ expected: 'start, and end or text, of an answer', received: `"${other}"`, hint });
  }
  const length = typeof written === 'string' ? written.length : Number.NaN;
  const span = requireSpan({ start, end: end ?? (start as number) + length }, text);
  const own = text.slice(span.start, span.end);
  if (written === undefined || written === own) return span;
  throw new SampleError({
    expected: `${JSON.stringify(own)}, as stands in the text from ${span.start} to ${span.end}`,
    received: describeValue(written),
    hint: 'Positions are units of UTF-16, as in JavaScript: Python counts code points.',
  });
}

function isAnswer(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return isRecord(raw) && ('end' in raw || 'text' in raw);
}

function unreadable(raw: unknown): SampleError {
  return new SampleError({
    expected: 'where the answer stands, { start, end } or { start, text }, or a list of such',
    received: describeValue(raw),
  });
}

/** Of the head `span`. */
export const spanTarget = defineTarget({
  config: options,
  create: ({ of, ...config }, { processors }) => new SpanTarget(locatedSlot(of, processors), config),
});
