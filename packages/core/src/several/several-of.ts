import { isLearning } from '../learning-processor';
import type { EncoderDefinition } from '../plugin';
import { LearningSeveralProcessor } from './learning-several-processor';
import { SeveralEncoder } from './several-encoder';
import type { SeveralOptions } from './several-options';
import { processorOfOne, SeveralProcessor } from './several-processor';

/** An encoder for several values a sample, made of the encoder of one: what a slot with `several` uses. */
export function severalOf<Definition extends EncoderDefinition>(
  definition: Definition,
  options: SeveralOptions,
): EncoderDefinition {
  const { processor } = definition;
  return {
    ...definition,
    processor: {
      ...processor,
      create: (config, setup) => {
        const one = processor.create(config, setup);
        return isLearning(one) ? new LearningSeveralProcessor(one, options) : new SeveralProcessor(one, options);
      },
    },
    create: (config, setup) => {
      const one = definition.create(config, { ...setup, processor: processorOfOne(setup.processor) });
      return new SeveralEncoder(one, options);
    },
  };
}
