import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { describeFamily } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe } from 'vitest';
import { hubert } from '.';

registerOnnxBackend();

describe.each(['cpu', 'onnx'])('hubert on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  describeFamily([hubert], fileURLToPath(new URL('../../../fixtures/families/hubert', import.meta.url)));
});
