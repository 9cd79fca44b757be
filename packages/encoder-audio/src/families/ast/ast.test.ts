import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { describeFamily } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe } from 'vitest';
import { ast } from '.';

registerOnnxBackend();

describe.each(['cpu', 'onnx'])('ast on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  describeFamily([ast], fileURLToPath(new URL('../../../fixtures/families/ast', import.meta.url)));
});
