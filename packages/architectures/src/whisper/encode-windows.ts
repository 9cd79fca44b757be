import {
  type Compiled,
  compiled,
  type HostTensor2D,
  inferenceContext,
  padAndStack,
  uploadTensor,
} from '@polymodal/core';
import type { AttendedTokens } from '@polymodal/head-text';
import * as tf from '@tensorflow/tfjs-core';
import type { WhisperModel } from './whisper-model';

type Encode = Compiled<{ inputFeatures: tf.Tensor3D }, { tokens: tf.Tensor3D }>;

/** What is kept compiled of encoders, for the current backend. */
const programs = new WeakMap<WhisperModel, { readonly backend: string; readonly encode: Encode }>();

/**
 * What the encoder of a model makes of windows, each (frames, bins): tensors that are the caller's. One by one, since a window is long enough to
 * keep a processor busy, and the weights of its attention are the most of what is held.
 *
 * @throws the reason of the signal, if it is aborted
 */
export async function encodeWindows(
  model: WhisperModel,
  windows: readonly HostTensor2D[],
  signal: AbortSignal | undefined,
): Promise<AttendedTokens> {
  const encode = encodingOf(model);
  const encoded: tf.Tensor3D[] = [];
  try {
    for (const window of windows) {
      signal?.throwIfAborted();
      const inputFeatures = uploadTensor(padAndStack([window])) as tf.Tensor3D;
      encoded.push(encode({ inputFeatures }).tokens);
      inputFeatures.dispose();
      await tf.nextFrame(); // lets the signal hear, since computing does not
    }
    const tokens = tf.concat(encoded);
    return { tokens, mask: tf.ones([windows.length, tokens.shape[1]]) };
  } finally {
    tf.dispose(encoded);
  }
}

function encodingOf(model: WhisperModel): Encode {
  const backend = tf.getBackend();
  const known = programs.get(model);
  if (known?.backend === backend) return known.encode;
  known?.encode.dispose();
  const encode = newEncoding(model);
  programs.set(model, { backend, encode });
  return encode;
}

function newEncoding({ encoders: { audio } }: WhisperModel): Encode {
  const encode = ({ inputFeatures }: { inputFeatures: tf.Tensor3D }) => {
    const rows = Int32Array.from({ length: inputFeatures.shape[0] }, (_, row) => row);
    return { tokens: audio!.encode({ features: { inputFeatures }, rows }, inferenceContext()).tokens };
  };
  return compiled(encode, { takesTurns: true }) as Encode;
}
