import type { TokenDecoder } from '@polymodal/generation';
import type { SpeechTokens } from './speech-tokens';

/**
 * The language that each recording is likeliest in: by what may follow the first token (HF `detect_language`).
 *
 * @returns the ids of their tokens
 */
export async function detectLanguages(
  decoder: TokenDecoder,
  count: number,
  startTokenId: number,
  { languages }: Pick<SpeechTokens, 'languages'>,
): Promise<number[]> {
  const logits = await afterFirst(decoder, Array<Int32Array>(count).fill(Int32Array.of(startTokenId)));
  const ids = Object.values(languages);
  return logits.map((own) => ids.reduce((best, id) => (own[id]! > own[best]! ? id : best)));
}

/** The logits of what may follow some prompts, (V) for each. */
export async function afterFirst(decoder: TokenDecoder, prompts: readonly Int32Array[]): Promise<Float32Array[]> {
  const decoding = decoder.start(prompts, 0);
  try {
    const all = await decoding.prefill();
    return prompts.map((_, row) => all.subarray(row * decoder.vocabSize, (row + 1) * decoder.vocabSize));
  } finally {
    decoding.dispose();
  }
}
