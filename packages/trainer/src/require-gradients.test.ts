import { BackendError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ClassHead, tinyModel, tinySamples } from './testing/tiny-model';
import { train } from './train';

/** As an embedding does: its gradient is a sum over segments. */
class GatheringHead extends ClassHead {
  override forward(input: Parameters<ClassHead['forward']>[0]): tf.Tensor2D {
    return tf.gather(super.forward(input), tf.range(0, input.fused.pooled.shape[0], 1, 'int32'));
  }
}

const options = { data: tinySamples(6), epochs: 1, progress: false } as const;

beforeAll(async () => {
  await tf.setBackend('cpu');
  const kernels = tf.getKernelsForBackend('cpu').filter(({ kernelName }) => kernelName !== 'UnsortedSegmentSum');
  for (const kernel of kernels) tf.registerKernel({ ...kernel, backendName: 'lacking' });
  const cpu = tf.backend();
  tf.registerBackend('lacking', () => cpu);
  await tf.setBackend('lacking');
});

afterAll(() => tf.setBackend('cpu'));

it('a backend that lacks a gradient of the model is refused before the first step, and nothing stays or changes', async () => {
  const model = tinyModel({ heads: { digit: new GatheringHead() } });
  const head = model.heads.digit as ClassHead;
  const [before, values] = [tf.memory().numTensors, head.weight.value.dataSync()];
  const error = await train(model, options).catch((caught) => caught);
  expect(error).toBeInstanceOf(BackendError);
  expect(error.message).toMatch(
    /^backend lacking: .*received one without the kernel UnsortedSegmentSum\. Train on another/,
  );
  expect(tf.memory().numTensors).toBe(before);
  expect(head.weight.value.dataSync()).toEqual(values);
});

it('a backend that lacks a gradient which the model does not need is good enough', async () => {
  expect((await train(tinyModel(), options)).status).toBe('finished');
});
