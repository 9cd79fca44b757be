import { type Encoder, inferenceContext, type ModalityBatch, RandomKey, trainingContext } from '@polymodal/core';
import { expect } from 'vitest';

/**
 * Holds a rate of dropout to acting in training alone, and only above 0: with 0 a training pass gives what inference gives, with
 * 0.375 inference gives the same still, and a training pass does not.
 *
 * @param load a model of the same values at each rate
 */
export async function expectDropout(load: (rate: number) => Promise<Encoder>, batch: ModalityBatch): Promise<void> {
  const computed: number[][] = [];
  for (const rate of [0, 0.375]) {
    const model = await load(rate);
    for (const context of [inferenceContext(), trainingContext(RandomKey.from(2), model)]) {
      computed.push([...model.encode(batch, context).tokens.dataSync()]);
    }
    model.dispose();
  }
  const [inference, undropped, same, dropped] = computed;
  expect(undropped).toEqual(inference);
  expect(same).toEqual(inference);
  expect(dropped).not.toEqual(inference);
}
