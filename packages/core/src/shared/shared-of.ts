import { isLearning } from '../learning-processor';
import type { EncoderDefinition } from '../plugin';
import { processorOfOne } from '../several/several-processor';
import { LearningSharedProcessor } from './learning-shared-processor';
import { SharedEncoder } from './shared-encoder';
import { SharedProcessor } from './shared-processor';

/** An encoder that encodes equal values of a batch once, made of the encoder that encodes each: what a slot with `shared` uses. */
export function sharedOf<Definition extends EncoderDefinition>(definition: Definition): EncoderDefinition {
  const { processor } = definition;
  return {
    ...definition,
    processor: {
      ...processor,
      create: (config, setup) => {
        const each = processor.create(config, setup);
        return isLearning(each) ? new LearningSharedProcessor(each) : new SharedProcessor(each);
      },
    },
    create: (config, setup) => {
      const each = definition.create(config, { ...setup, processor: processorOfOne(setup.processor) });
      return new SharedEncoder(each);
    },
  };
}
