import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { describeFamily } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe } from 'vitest';
import { dinov2 } from '.';

registerOnnxBackend();

describe.each(['cpu', 'onnx'])('dinov2 on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  describeFamily([dinov2], fileURLToPath(new URL('../../../fixtures/families/dinov2', import.meta.url)));
});
