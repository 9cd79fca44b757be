import { ConfigError, type Model } from '@polymodal/core';

/** For data that no head of the model learns anything from. */
export function nothingToLearn(model: Model): ConfigError {
  return new ConfigError({
    where: 'data',
    expected: `samples with targets for at least one of the heads ${Object.keys(model.heads).join(', ')}`,
    received: 'samples without anything to learn from',
    hint: 'Check the names in the targets of the samples against what the heads read.',
  });
}
