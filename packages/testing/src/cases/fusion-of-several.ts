import {
  type EncoderDefinition,
  type Encoders,
  type Fusion,
  type FusionDefinition,
  type HostBatch,
  inferenceContext,
  initialize,
  type PreparedSample,
  type Processors,
  parseConfig,
  RandomKey,
  type SampleProcessors,
  severalOf,
  uploadBatch,
} from '@polymodal/core';
import { type FusedValues, readFused } from '../compare/fused-row';
import { referenceEncoder } from '../doubles/reference-encoder';
import { type FusionCase, referenceEncoders, referenceProcessors } from './fusion-case';

/** A fusion over encoders like those of its case, of which that of one slot is another: one that takes several values, say. */
export interface FusionOfSeveral extends SampleProcessors {
  /** That slot: one that the fusion does not require, if there is one. */
  readonly slot: string;
  readonly processors: Processors;
  fuse(batch: HostBatch): Promise<FusedValues>;
  /** What the fusion says of it, if it does. */
  tokenCount(sample: PreparedSample): number | undefined;
  dispose(): void;
}

const several = severalOf(referenceEncoder('reference of several', 'signal'), { most: 7, ordered: true });

/** The slot that takes several values: one that the fusion does not require, if there is one; none where all have encoders of the case. */
export function slotForSeveral({ modalities, requires, encoder }: FusionCase): string | undefined {
  const free = modalities.filter((modality) => !encoder?.(modality, 16));
  return free.find((modality) => !requires.all?.includes(modality)) ?? free[0];
}

export function fusionOfSeveral(subject: FusionCase, definition: FusionDefinition): FusionOfSeveral {
  return fusionOver(several, subject, definition);
}

/** A fusion over encoders like those of its case, of which that of {@link slotForSeveral} is another, made of a reference encoder. */
export function fusionOver(
  other: EncoderDefinition,
  subject: FusionCase,
  definition: FusionDefinition,
): FusionOfSeveral {
  const { name, modalities } = subject;
  const slot = slotForSeveral(subject)!;
  const built = subject.build();
  const { hiddenSize } = built.module;
  built.dispose();

  const processor = other.processor.create({ bucketSize: 4 }, { slot, savedFile: () => undefined });
  const encoder = other.create({ numHiddenLayers: 2, hiddenDropout: 0 }, { slot, hiddenSize, processor });
  const encoders: Encoders = { ...referenceEncoders(modalities, hiddenSize, subject.encoder), [slot]: encoder };
  const fusion: Fusion = definition.create(parseConfig(subject.schema, subject.config, name), { hiddenSize, encoders });
  const modules = [fusion, ...Object.values(encoders)];
  const key = RandomKey.from(0).fold('several values');
  for (const module of modules) initialize(module, key);
  const order = encoder.parameters().get('order');
  order?.assignValues(key.fold('order').normal(order.size));
  return {
    slot,
    processors: { ...referenceProcessors(modalities), [slot]: processor },
    targets: {},
    fuse: (batch) => readFused(() => fusion.forward(encoders, uploadBatch(batch), inferenceContext())),
    tokenCount: ({ features }) => fusion.tokenCount?.(encoders, features),
    dispose() {
      for (const module of modules) module.dispose();
    },
  };
}

/** A batch with NaN in the place of the values that rows lack of a slot that takes several. */
export function withoutValues(batch: HostBatch, slot: string): HostBatch {
  const { rows, features } = batch.modalities[slot];
  const { values, valueMask } = features;
  const width = values.data.length / valueMask.data.length;
  const data = values.data.map((value, index) =>
    valueMask.data[Math.floor(index / width)] === 1 ? value : Number.NaN,
  );
  return {
    ...batch,
    modalities: { ...batch.modalities, [slot]: { rows, features: { ...features, values: { ...values, data } } } },
  };
}
