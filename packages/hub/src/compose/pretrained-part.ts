import {
  ConfigError,
  encoderOfOne,
  Model,
  processorOfOne,
  requireArgument,
  suggestNames,
  UnknownNameError,
} from '@polymodal/core';
import type { LoadedPretrained } from '../family/load-pretrained';
import { withoutTensorNames } from '../family/tensor-names';
import { type EncoderFamily, PretrainedProcessor } from './pretrained-processor';

/**
 * A pretrained encoder of a composed model, with its present values, as `savePretrained` takes it: what was trained here goes
 * back to Python.
 *
 * ```ts
 * await savePretrained(pretrainedPart(model, 'review'), 'models/tuned-bert'); // BertModel.from_pretrained('models/tuned-bert')
 * ```
 *
 * @throws UnknownNameError for an encoder that the model has not, ConfigError for one that is not pretrained
 */
export function pretrainedPart(model: Model, slot: string): LoadedPretrained<EncoderFamily> {
  requireArgument(model instanceof Model, 'pretrainedPart', 'a model, as composePretrained makes it', model);
  const given = model.processors[slot];
  if (!given) {
    throw new UnknownNameError({
      where: 'pretrainedPart',
      expected: 'the name of an encoder of the model',
      received: `"${slot}"`,
      hint: suggestNames(slot, Object.keys(model.processors)),
    });
  }
  const processor = processorOfOne(given);
  if (!(processor instanceof PretrainedProcessor)) {
    const { use } = model.config.encoders[slot];
    const received = `encoders.${slot}, which is "${use}"`;
    throw new ConfigError({ where: 'pretrainedPart', expected: 'a pretrained encoder', received });
  }
  const { family, config, configFile } = processor;
  const contents = withoutTensorNames(processor.contents);
  return { family, model: encoderOfOne(model.encoders[slot]), config, configFile, processor, contents };
}
