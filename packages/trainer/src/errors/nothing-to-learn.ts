import { ConfigError } from '@polymodal/core';
import type { StageSettings } from '../stage-options';

/** For data that none of these heads learns anything from. */
export function nothingToLearn(heads: readonly string[], { name, sources }: StageSettings): ConfigError {
  const stage = name === undefined ? '' : `, in the stage ${name}`;
  return new ConfigError({
    where: `${sources.join(', ')}${stage}`,
    expected: `samples with targets for at least one of the heads ${heads.join(', ')}`,
    received: 'samples without anything to learn from',
    hint: 'Check the names in the targets of the samples against what the heads read.',
  });
}
