import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { describeFamily } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe } from 'vitest';
import { vit } from '.';

registerOnnxBackend();

describe.each(['cpu', 'onnx'])('vit on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  describeFamily([vit], fileURLToPath(new URL('../../../fixtures/families/vit', import.meta.url)));
});
