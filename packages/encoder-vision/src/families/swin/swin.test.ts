import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { describeFamily } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe } from 'vitest';
import { swin } from '.';

registerOnnxBackend();

describe.each(['cpu', 'onnx'])('swin on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  describeFamily([swin], fileURLToPath(new URL('../../../fixtures/families/swin', import.meta.url)));
});
