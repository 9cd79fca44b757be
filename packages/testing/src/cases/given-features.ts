import type { EncoderDefinition, Features, Processor } from '@polymodal/core';

/** A processor that is given features in the place of raw values, and treats them as another one does. */
export function givenFeatures(processor: Processor): Processor<Features> {
  return {
    process: (features) => features,
    collate: (rows, lengths) => processor.collate(rows, lengths),
    shape: (features) => processor.shape(features),
    ...(processor.lengthAxes && { lengthAxes: processor.lengthAxes }),
    ...(processor.masks && { masks: processor.masks }),
  };
}

/** A definition of an encoder with features in the place of raw values. */
export function readingFeatures(definition: EncoderDefinition, processor: Processor): EncoderDefinition {
  return {
    ...definition,
    processor: { ...definition.processor, create: () => givenFeatures(processor) as Processor },
    create: (config, setup) => definition.create(config, { ...setup, processor }),
  };
}
