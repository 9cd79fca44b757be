import type { GenerationOptions } from '@polymodal/generation';

/** Options that were asked for, before those that a model comes with. A length that is asked for takes the place of both of these. */
export function withGenerationDefaults<Asked extends GenerationOptions>(
  asked: Asked,
  { maxLength, maxNewTokens, ...defaults }: GenerationOptions,
): Asked {
  const isGiven = asked.maxLength !== undefined || asked.maxNewTokens !== undefined;
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  const lengths = {
    ...(maxLength !== undefined && { maxLength }),
    ...(maxNewTokens !== undefined && { maxNewTokens }),
  };
  return { ...defaults, ...(!isGiven && lengths), ...given } as Asked;
}
