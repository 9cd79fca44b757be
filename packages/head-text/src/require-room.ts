import { SampleError } from '@polymodal/core';
import type { GenerationOptions } from '@polymodal/generation';

/**
 * Makes sure that a target can be learned behind a prompt, before anything is computed.
 *
 * @param prompt    how many tokens it has
 * @param target    how many are learned behind it, of which the last is not fed back
 * @param positions that there are
 * @throws SampleError
 */
export function requireRoomToLearn(prompt: number, target: number, positions: number): void {
  const room = positions - prompt + 1;
  if (target <= room) return;
  throw new SampleError({
    expected: `at most ${room} tokens, the end among them, behind the ${prompt} before: the encoder has positions for ${positions}`,
    received: String(target),
    hint: 'Shorten the prompt or the target. Of a `transformer`, maxPositionEmbeddings says how many positions there are.',
  });
}

/**
 * Makes sure that what is asked for leaves something to be written behind a prompt.
 *
 * @param prompt how many tokens it has
 * @throws SampleError
 */
export function requireRoomToWrite(prompt: number, { maxLength, maxNewTokens }: GenerationOptions): void {
  if (maxLength === undefined || maxNewTokens !== undefined || prompt < maxLength) return;
  throw new SampleError({
    expected: `a prompt of less than ${maxLength} tokens, as maxLength counts it and what is written`,
    received: `one of ${prompt}`,
    hint: 'Ask for maxNewTokens instead, which does not count the prompt.',
  });
}
