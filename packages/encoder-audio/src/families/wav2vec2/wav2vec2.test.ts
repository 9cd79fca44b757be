import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { describeFamily } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe } from 'vitest';
import { wav2vec2 } from '.';

registerOnnxBackend();

describe.each(['cpu', 'onnx'])('wav2vec2 on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  describeFamily([wav2vec2], fileURLToPath(new URL('../../../fixtures/families/wav2vec2', import.meta.url)));
});
