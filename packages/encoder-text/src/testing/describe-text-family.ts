import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { describeFamily } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe } from 'vitest';
import { textFamilies } from '../families';

registerOnnxBackend();

/** Registers the tests of the checkpoints in `fixtures/<name>`, which tools/parity/text_families.py made, on two backends. */
export function describeTextFamily(name: string): void {
  describe.each(['cpu', 'onnx'])(`${name} on %s`, (backend) => {
    beforeAll(() => tf.setBackend(backend));
    describeFamily(textFamilies, fileURLToPath(new URL(`../../fixtures/families/${name}`, import.meta.url)));
  });
}
