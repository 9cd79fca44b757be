import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { describeDualTower } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe } from 'vitest';
import { imageTextFamilies } from '../image-text';

registerOnnxBackend();

/** Registers the tests of the checkpoints in `fixtures/families/<name>`, which tools/parity/dual_tower.py made, on two backends. */
export function describeImageText(name: string): void {
  describe.each(['cpu', 'onnx'])(`${name} on %s`, (backend) => {
    beforeAll(() => tf.setBackend(backend));
    describeDualTower(imageTextFamilies, fileURLToPath(new URL(`../../fixtures/families/${name}`, import.meta.url)));
  });
}
