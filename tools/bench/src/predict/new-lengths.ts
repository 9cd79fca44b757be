// How long one sample takes at a length that has not occurred yet, and at one that has: prints both 90th percentiles as JSON.
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import * as tf from '@tensorflow/tfjs-core';
import { smallModel } from './cases';

registerOnnxBackend();
await tf.setBackend('onnx');
const model = smallModel();
const photo = { data: new Uint8Array(32 * 32 * 3), width: 32, height: 32, channels: 3 };
const start = performance.now();
await model.warmUp([{ photo, note: 'a note' }, { note: 'a note' }]);
const warmUpMs = performance.now() - start;
for (let call = 0; call < 300; call++) await model.predict([{ note: 'a note' }]); // JavaScript's own warm-up

const repeated: number[] = [];
const fresh: number[] = [];
for (let length = 20; length <= 120; length += 5) {
  fresh.push(await time('x'.repeat(length)));
  for (let call = 0; call < 5; call++) repeated.push(await time('x'.repeat(length)));
}
console.log(JSON.stringify({ warmUpMs, newLengthsP90Ms: p90(fresh), repeatedP90Ms: p90(repeated) }));

async function time(note: string): Promise<number> {
  const before = performance.now();
  await model.predict([{ note }]);
  return performance.now() - before;
}

function p90(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.9)]!;
}
