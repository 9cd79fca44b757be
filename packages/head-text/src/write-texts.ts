import { type Context, type HostTensor, type ProducedPiece, RandomKey } from '@polymodal/core';
import {
  type DecodeText,
  type FinishReason,
  type GenerationOptions,
  GrowingText,
  generateTokens,
  type TokenDecoder,
  type TokenPrompt,
} from '@polymodal/generation';
import type * as tf from '@tensorflow/tfjs-core';
import { idsOfRow, stackedIds } from './written-ids';

/** What is written behind a row. */
export interface WrittenText {
  /** Without what ended it; `''` of a model that came without its tokenizer. */
  readonly text: string;
  /** Its tokens, also that which ended it. */
  readonly ids: Int32Array;
  readonly finishReason: FinishReason;
}

/** Tokens that were written behind rows. */
export interface WrittenTokens {
  /** (B, T), −1 behind the end of each. */
  readonly ids: tf.Tensor2D;
  /** The last tokens before them (B, C), −1 where there are fewer: what a text's first space may depend on. */
  readonly before: tf.Tensor2D;
}

/** How {@link writeTexts} writes. */
export interface WritingControl {
  readonly options: GenerationOptions & { readonly seed?: number | undefined };
  readonly decode: DecodeText;
  readonly signal: Context['signal'];
}

/** Continues prompts by texts, telling pieces of them on the way. */
export async function* writeTexts(
  decoder: TokenDecoder,
  prompts: readonly TokenPrompt[],
  { options: { seed, ...options }, decode, signal }: WritingControl,
): AsyncGenerator<ProducedPiece<string>, WrittenTokens, void> {
  const known = prompts.map((prompt) => (prompt instanceof Int32Array ? prompt : prompt.ids));
  const texts = known.map((ids) => new GrowingText(decode, ids));
  const written = known.map((): number[] => []);
  const control = { ...(signal && { signal }), ...(seed !== undefined && { key: RandomKey.from(seed) }) };
  for await (const turn of generateTokens(decoder, prompts, { ...options, ...control })) {
    for (const { index, id, finishReason } of turn) {
      written[index].push(id);
      const own = finishReason === 'stop' ? '' : texts[index].add(id); // the end is no part of the text
      const piece = own + (finishReason ? texts[index].end() : '');
      if (piece !== '') yield { row: index, piece };
    }
  }
  return {
    ids: stackedIds(written, 'end'),
    before: stackedIds(
      known.map((ids) => [...ids.slice(-8)]),
      'start',
    ),
  };
}

/**
 * The texts of tokens that {@link writeTexts} wrote.
 *
 * @param scores its tensors, in host memory
 * @param ends   the tokens that end a text
 */
export function writtenTexts(
  { ids, before }: Readonly<Record<string, HostTensor>>,
  size: number,
  decode: DecodeText,
  ends: readonly number[],
): WrittenText[] {
  return Array.from({ length: size }, (_, row) => {
    const own = idsOfRow(ids, row);
    const text = new GrowingText(decode, idsOfRow(before, row));
    const finishReason = ends.includes(own.at(-1)!) ? 'stop' : 'length';
    const pieces = (finishReason === 'stop' ? own.slice(0, -1) : own).map((id) => text.add(id));
    return { text: pieces.join('') + text.end(), ids: Int32Array.from(own), finishReason };
  });
}
