import * as tf from '@tensorflow/tfjs-core';
import type { ProcessorCase } from '../cases/processor-case';
import { ConformanceError } from '../conformance-error';

/** Processing and collating make no tensor of a backend, not even for a moment, so that they run in any thread. */
export async function processorsMakeNoTensor({ name, processor, samples }: ProcessorCase): Promise<void> {
  const before = nextTensorId();
  const rows = [];
  for (const raw of samples) rows.push(await processor.process(raw, { training: false }));
  processor.collate(rows);
  const made = nextTensorId() - before - 1;
  if (made === 0) return;
  throw new ConformanceError({
    where: name,
    expected: 'no tensor to be made by process() or collate()',
    received: `${made} tensors`,
    hint: 'Compute on typed arrays.',
  });
}

/** Tensors are numbered in the order they are made in. */
function nextTensorId(): number {
  return tf.tidy(() => tf.scalar(0).id);
}
