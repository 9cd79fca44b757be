import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { describeFamily } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe } from 'vitest';
import { clipVision } from '.';

registerOnnxBackend();

describe.each(['cpu', 'onnx'])('clip-vision on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  describeFamily([clipVision], fileURLToPath(new URL('../../../fixtures/families/clip-vision', import.meta.url)));
});
