import { type Context, type HostTensor, type ProducedPiece, RandomKey, type TokenCodec } from '@polymodal/core';
import {
  ContinuedText,
  type FinishReason,
  type GenerationOptions,
  generateTokens,
  type TokenDecoder,
  type TokenPrompt,
} from '@polymodal/generation';
import type * as tf from '@tensorflow/tfjs-core';
import { idsOfRow, stackedIds } from './written-ids';
import { endings, WrittenSequences } from './written-sequences';

/** A sequence that is written behind a row. */
export interface WrittenSequence {
  /** Without the token that ended it; `''` of a model that came without its tokenizer. */
  readonly text: string;
  /** Its tokens, also that which ended it. */
  readonly ids: Int32Array;
  readonly finishReason: FinishReason;
  /** Of search in beams: its log-probability by the power `lengthPenalty` of its length. */
  readonly score?: number;
}

/** What is written behind a row: its sequence, and of several the first, which is the best one of beams. */
export interface WrittenText extends WrittenSequence {
  /** All of them, where several were asked for (`numReturnSequences`). */
  readonly sequences?: readonly WrittenSequence[];
}

/** Tokens that were written behind rows. */
export interface WrittenTokens {
  /** Of the R sequences behind each row, int32 (B, R, T), −1 behind the end of each. */
  readonly ids: tf.Tensor3D;
  /** How each ended, int32 (B, R): which of `endings`. */
  readonly endings: tf.Tensor2D;
  /** What search in beams says of each, (B, R); 0 without it. */
  readonly scores: tf.Tensor2D;
  /** The last tokens before them (B, C), −1 where there are fewer: what a text's first space may depend on. */
  readonly before: tf.Tensor2D;
}

/** What writes: options as they are asked for, and what the tokens stand for. */
interface WritingOptions extends GenerationOptions {
  readonly seed?: number | undefined;
  readonly maxCacheBytes?: number | undefined;
}

/** How {@link writeTexts} writes. */
export interface WritingControl {
  readonly options: WritingOptions;
  /** Undefined of a model that came without its tokenizer. */
  readonly codec: TokenCodec | undefined;
  /** Whether an id stands for something in the text; one of a time, say, does not. By default all do. */
  readonly isText?: ((id: number) => boolean) | undefined;
  readonly signal: Context['signal'];
}

/** Continues prompts by texts, telling pieces of them on the way. */
export async function* writeTexts(
  decoder: TokenDecoder,
  prompts: readonly TokenPrompt[],
  { options: { seed, ...options }, codec, isText = always, signal }: WritingControl,
): AsyncGenerator<ProducedPiece<string>, WrittenTokens, void> {
  const known = prompts.map((prompt) => (prompt instanceof Int32Array ? prompt : prompt.ids));
  const texts = known.map((ids) => new ContinuedText(codec ?? withoutText, ids));
  const written = new WrittenSequences(
    prompts.length,
    options.numReturnSequences ?? 1,
    [options.eosTokenId ?? []].flat(),
  );
  const control = { codec, ...(signal && { signal }), ...(seed !== undefined && { key: RandomKey.from(seed) }) };
  for await (const turn of generateTokens(decoder, prompts, { ...options, ...control })) {
    for (const token of turn) {
      const { index, sequence, id, finishReason } = token;
      const isOfText = written.add(token) && isText(id);
      if (sequence > 0) continue; // the answer begins with the first
      const piece = (isOfText ? texts[index].add(id) : '') + (finishReason ? texts[index].end() : '');
      if (piece !== '') yield { row: index, piece };
    }
  }
  const last = known.map((ids) => [...ids.slice(-8)]);
  return { ...written.tensors(), before: stackedIds(last, 'start') };
}

/**
 * The texts of tokens that {@link writeTexts} wrote.
 *
 * @param scores its tensors, in host memory
 */
export function writtenTexts(
  { ids, endings: ends, scores, before }: Readonly<Record<string, HostTensor>>,
  size: number,
  { codec, isText = always, options }: Pick<WritingControl, 'codec' | 'isText' | 'options'>,
): WrittenText[] {
  const { numBeams = 1, numReturnSequences: count = 1 } = options;
  const sequenceAt = (row: number, place: number): WrittenSequence => {
    const own = idsOfRow(ids, place);
    const ending = endings[ends.data[place]];
    const text = new ContinuedText(codec ?? withoutText, idsOfRow(before, row));
    const pieces = (ending === 'end token' ? own.slice(0, -1) : own).filter(isText).map((id) => text.add(id));
    return {
      text: pieces.join('') + text.end(),
      ids: Int32Array.from(own),
      finishReason: ending === 'length' ? 'length' : 'stop',
      ...(numBeams > 1 && { score: scores.data[place] }),
    };
  };
  return Array.from({ length: size }, (_, row) => {
    const all = Array.from({ length: count }, (_unused, own) => sequenceAt(row, row * count + own));
    const sequences = all.filter((own) => own.ids.length > 0); // there may be fewer than were asked for
    return { ...all[0], ...(count > 1 && { sequences }) };
  });
}

const always = () => true;

const withoutText = { decode: () => '' };
