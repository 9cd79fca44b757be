import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { describeFamily } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe } from 'vitest';
import { siglipVision } from '.';

registerOnnxBackend();

describe.each(['cpu', 'onnx'])('siglip-vision on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  describeFamily([siglipVision], fileURLToPath(new URL('../../../fixtures/families/siglip-vision', import.meta.url)));
});
