import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { describeFamily } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe } from 'vitest';
import { bert } from '.';

registerOnnxBackend();

describe.each(['cpu', 'onnx'])('BERT on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  describeFamily([bert], fileURLToPath(new URL('../fixtures/bert', import.meta.url)));
});
