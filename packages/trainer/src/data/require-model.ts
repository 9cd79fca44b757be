import { ConfigError, describeValue, Model } from '@polymodal/core';

/**
 * @param where the function that is given the value
 * @throws ConfigError for what is no model, that of a second copy of `@polymodal/core` included
 */
export function requireModel(model: Model, where: string): void {
  if (model instanceof Model) return;
  const looksLikeOne = Object.getPrototypeOf(model ?? {})?.constructor?.name === 'Model';
  throw new ConfigError({
    where,
    expected: 'a model, as composeModel makes it',
    received: looksLikeOne ? 'a model of another copy of @polymodal/core' : describeValue(model),
    hint: looksLikeOne
      ? 'Install one copy: "npm ls @polymodal/core" shows them.'
      : 'The model comes first, then the rest.',
  });
}
