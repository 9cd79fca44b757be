import { type Compiled, compiled } from '@polymodal/core';
import type { AttendedTokens } from '@polymodal/head-text';
import * as tf from '@tensorflow/tfjs-core';
import { selectAttended } from './select-attended';
import { tokenSteps } from './token-steps';
import type { WhisperModel } from './whisper-model';

type Look = Compiled<Record<'inputIds' | 'tokens' | 'mask', tf.Tensor>, { looks: tf.Tensor4D }>;

/** What is kept compiled of decoders, for the current backend. */
const programs = new WeakMap<WhisperModel, { readonly backend: string; readonly look: Look }>();

/**
 * When the tokens of a window come to their ends, by where the decoder looks as it reads them once more.
 *
 * @param attended of all windows, what the encoder made of them
 * @param row      which of them it is
 * @param prompt   what the tokens stand behind
 * @param frames   of sound in the window
 * @returns        for each token, in steps of 0.02 s from the beginning of the window
 */
export async function alignTokens(
  model: WhisperModel,
  attended: AttendedTokens,
  row: number,
  prompt: Int32Array,
  ids: readonly number[],
  frames: number,
): Promise<Int32Array> {
  const steps = Math.floor(frames / framesPerStep);
  // The last token was not read where it was written; it ends as the one before it does.
  const read = ids.length - 1;
  if (read < 1 || steps < 1) return new Int32Array(ids.length);
  const { tokens: all, mask } = selectAttended(attended, [row]);
  const inputIds = tf.tensor2d([...prompt, ...ids.slice(0, -1)], [1, prompt.length + read], 'int32');
  const { looks } = lookingOf(model)({ inputIds, tokens: all, mask });
  const [, heads, , seen] = looks.shape;
  const own = tf.tidy(() => tf.slice(looks, [0, 0, prompt.length, 0], [1, heads, read, Math.min(steps, seen)]).clone());
  try {
    const weights = (await own.data()) as Float32Array;
    const size = { heads, tokens: read, steps: own.shape[3]! };
    const found = tokenSteps({ weights: weights.slice(), ...size }, model.heads.text.tokens.medianFilterWidth);
    return Int32Array.from(ids, (_, index) => found[Math.min(index, read - 1)]!);
  } finally {
    tf.dispose([inputIds, all, mask, looks, own]);
  }
}

const framesPerStep = 2;

function lookingOf(model: WhisperModel): Look {
  const backend = tf.getBackend();
  const known = programs.get(model);
  if (known?.backend === backend) return known.look;
  known?.look.dispose();
  const { decoder, tokens: special } = model.heads.text;
  const look = compiled(
    ({ inputIds, tokens, mask }: Parameters<Look>[0]) => {
      const given = {
        inputIds: inputIds as tf.Tensor2D,
        mask: tf.ones<tf.Rank.R2>(inputIds.shape as [number, number]),
      };
      const attended = { tokens: tokens as tf.Tensor3D, mask: mask as tf.Tensor2D };
      return { looks: decoder.looks(given, attended, special.alignmentHeads!) };
    },
    { dynamicAxes: { inputIds: { 1: 'read' } }, takesTurns: true },
  ) as Look;
  programs.set(model, { backend, look });
  return look;
}
