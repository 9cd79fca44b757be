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

/** What the encoder of a model makes of windows, each (frames, bins): tensors that are the caller's. */
export function encodingOf(model: WhisperModel): (windows: readonly HostTensor2D[]) => AttendedTokens {
  const backend = tf.getBackend();
  const known = programs.get(model);
  if (known && known.backend !== backend) known.encode.dispose();
  const encode = known?.backend === backend ? known.encode : newEncoding(model);
  programs.set(model, { backend, encode });
  return (windows) => {
    const inputFeatures = uploadTensor(padAndStack(windows)) as tf.Tensor3D;
    const { tokens } = encode({ inputFeatures });
    inputFeatures.dispose();
    return { tokens, mask: tf.ones([windows.length, tokens.shape[1]]) };
  };
}

function newEncoding({ encoders: { audio } }: WhisperModel): Encode {
  const encode = ({ inputFeatures }: { inputFeatures: tf.Tensor3D }) => {
    const rows = Int32Array.from({ length: inputFeatures.shape[0] }, (_, row) => row);
    return { tokens: audio!.encode({ features: { inputFeatures }, rows }, inferenceContext()).tokens };
  };
  return compiled(encode, { dynamicAxes: { inputFeatures: { 0: 'rows' } }, takesTurns: true }) as Encode;
}
