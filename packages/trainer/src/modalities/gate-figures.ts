import { disposeBatch, inferenceContext, type Model, uploadBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { JudgedSamples } from '../data/judged-samples';
import { restrictSample } from '../data/restrict-sample';

/** Samples that gates are asked of. */
const asked = 64;

/** How far gates are open, and how much of each modality goes into a row: means over samples, of those that have it. */
export async function gateFigures(
  model: Model,
  samples: JudgedSamples,
  slots: readonly string[] | undefined,
): Promise<Readonly<Record<string, { readonly gate?: number; readonly usage?: number }>>> {
  const { offers } = model.fusion;
  if (!offers.includes('gates') && !offers.includes('usage')) return {};
  const names = Object.keys(model.heads);
  const shown = Array.from({ length: Math.min(asked, samples.length) }, (_, index) => index);
  const able = shown.filter((index) => {
    const own = Object.keys(samples.shapeOf(index)).filter((slot) => slots?.includes(slot) ?? true);
    return names.some((head) => own.length > 0 && model.canRun(head, own));
  });
  if (able.length === 0) return {};
  const whole = await samples.get(able);
  const batch = uploadBatch(model.collate(slots ? whole.map((sample) => restrictSample(sample, slots)) : whole));
  try {
    return tf.tidy(() => {
      const { gates = {}, usage = {} } = model.forward(batch, inferenceContext(), []).fused;
      const meanOf = (shares: Readonly<Record<string, tf.Tensor2D>>, slot: string) => {
        const rows = batch.modalities[slot]?.rows;
        return shares[slot] && rows && tf.mean(tf.gather(shares[slot], tf.tensor1d(rows, 'int32'))).dataSync()[0];
      };
      return Object.fromEntries(
        model.modalities.map((slot) => {
          const [gate, used] = [meanOf(gates, slot), meanOf(usage, slot)];
          return [slot, { ...(gate !== undefined && { gate }), ...(used !== undefined && { usage: used }) }];
        }),
      );
    });
  } finally {
    disposeBatch(batch);
  }
}
