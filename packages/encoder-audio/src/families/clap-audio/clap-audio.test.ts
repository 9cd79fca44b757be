import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { describeFamily } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe } from 'vitest';
import { clapAudio } from '.';

registerOnnxBackend();

describe.each(['cpu', 'onnx'])('clap-audio on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  describeFamily([clapAudio], fileURLToPath(new URL('../../../fixtures/families/clap-audio', import.meta.url)));
});
