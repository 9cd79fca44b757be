import { ConfigError, parseConfig, suggestNames } from '@polymodal/core';
import type { Adjusted, AdjustmentOptions } from './adjustment';
import type { Family } from './define-family';

/**
 * Applies the options that are given to what a folder says.
 *
 * @throws ConfigError for an option that the family has not, and for a value that the model cannot have
 */
export function adjust(
  { adjustments = {} }: Pick<Family, 'adjustments'>,
  options: AdjustmentOptions,
  folder: Adjusted,
): Adjusted {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const unknown = given.find(([name]) => !Object.hasOwn(adjustments, name))?.[0];
  if (unknown !== undefined) {
    throw new ConfigError({
      where: unknown,
      expected: `an option that models of type "${folder.config.model_type}" have`,
      received: `"${unknown}"`,
      hint: suggestNames(unknown, Object.keys(adjustments)),
    });
  }
  let adjusted = folder;
  for (const [name, value] of given) {
    const { value: schema, change } = adjustments[name];
    adjusted = { ...adjusted, ...change(parseConfig(schema, value, name), adjusted) };
  }
  return adjusted;
}
