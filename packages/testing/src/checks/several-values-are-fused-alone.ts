import {
  collateSamples,
  type FusionDefinition,
  type HostBatch,
  inferenceContext,
  initialize,
  type PreparedSample,
  parseConfig,
  prepareSample,
  RandomKey,
  type SampleProcessors,
  severalOf,
  uploadBatch,
} from '@polymodal/core';
import { type FusionCase, referenceEncoders, referenceProcessors } from '../cases/fusion-case';
import { expectSameValues } from '../compare/expect-same-values';
import { type FusedValues, fusedRow, readFused } from '../compare/fused-row';
import { randomSignal } from '../doubles/random-signal';
import { referenceEncoder } from '../doubles/reference-encoder';

/** How many values the rows of the batch have under the slot, and whether they have the other modalities too. */
const rows = [
  { count: 0, others: true },
  { count: 1, others: false },
  { count: 7, others: true },
  { count: 2, others: false },
];

/** Encoders like those of the case, of which that of one slot takes several values. */
const several = severalOf(referenceEncoder('reference of several', 'signal'), { most: 7, ordered: true });

/** The slot that is given several values: one that the fusion does not require, if there is one. */
function slotOf({ modalities, requires }: FusionCase): string {
  return modalities.find((modality) => !requires.all?.includes(modality)) ?? modalities[0];
}

/** A row with no value, with one and with seven share a batch, each fused as it is alone, whatever stands where there is none. */
export async function severalValuesAreFusedAlone(subject: FusionCase, definition: FusionDefinition): Promise<void> {
  const { name, modalities, tolerance } = subject;
  const slot = slotOf(subject);
  const built = subject.build();
  const { hiddenSize } = built.module;
  built.dispose();

  const context = { slot, savedFile: () => undefined };
  const processor = several.processor.create({ bucketSize: 4 }, context);
  const from: SampleProcessors = {
    processors: { ...referenceProcessors(modalities), [slot]: processor },
    targets: {},
  };
  const options = { numHiddenLayers: 2, hiddenDropout: 0 };
  const encoder = several.create(options, { slot, hiddenSize, processor });
  const encoders = { ...referenceEncoders(modalities, hiddenSize), [slot]: encoder };
  const fusion = definition.create(parseConfig(subject.schema, subject.config, name), { hiddenSize, encoders });
  const key = RandomKey.from(0).fold('several values');
  for (const module of [fusion, ...Object.values(encoders)]) initialize(module, key);
  const order = encoder.parameters().get('order');
  order?.assignValues(key.fold('order').normal(order.size));

  const fuse = (batch: HostBatch): Promise<FusedValues> =>
    readFused(() => fusion.forward(encoders, uploadBatch(batch), inferenceContext()));
  try {
    const samples = await Promise.all(rows.map((row, index) => prepared(subject, from, slot, row, key.fold(index))));
    const batch = collateSamples(from, samples);
    const together = await fuse(batch);
    const spoilt = await fuse(withoutValues(batch, slot));
    for (const [row, sample] of samples.entries()) {
      const claim = `${name}, a row with ${rows[row].count} values of ${slot}`;
      const alone = fusedRow(await fuse(collateSamples(from, [sample])), 0);
      expectSameValues(`${claim} in a mixed batch against it alone`, alone, fusedRow(together, row), tolerance);
      const claimOfNone = `${claim}, with NaN where there is no value`;
      expectSameValues(claimOfNone, fusedRow(together, row), fusedRow(spoilt, row), 0);
    }
  } finally {
    for (const module of [fusion, ...Object.values(encoders)]) module.dispose();
  }
}

function prepared(
  { modalities, requires }: FusionCase,
  from: SampleProcessors,
  slot: string,
  { count, others }: (typeof rows)[number],
  key: RandomKey,
): Promise<PreparedSample> {
  const beside = modalities.filter((modality) => modality !== slot && (others || requires.all?.includes(modality)));
  const values = Array.from({ length: count }, (_, index) => randomSignal(key.fold(index)));
  const sample = Object.fromEntries(beside.map((modality) => [modality, randomSignal(key.fold(modality))]));
  return prepareSample(from, { ...sample, [slot]: values }, { training: false });
}

/** A batch with NaN in the place of the values that rows lack. */
function withoutValues(batch: HostBatch, slot: string): HostBatch {
  const { rows: own, features } = batch.modalities[slot];
  const { values, valueMask } = features;
  const width = values.data.length / valueMask.data.length;
  const data = values.data.map((value, index) =>
    valueMask.data[Math.floor(index / width)] === 1 ? value : Number.NaN,
  );
  const spoilt = { rows: own, features: { ...features, values: { ...values, data } } };
  return { ...batch, modalities: { ...batch.modalities, [slot]: spoilt } };
}
