import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { describeFamily } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe } from 'vitest';
import { whisper } from '.';

registerOnnxBackend();

describe.each(['cpu', 'onnx'])('whisper on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  describeFamily([whisper], fileURLToPath(new URL('../../../fixtures/families/whisper', import.meta.url)));
});
