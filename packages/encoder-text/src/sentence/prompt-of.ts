import { ConfigError } from '@polymodal/core';
import type { SentenceModules } from './sentence-modules';
import { promptsName, type TextSettings } from './text-settings';

/**
 * The text that stands before each text, as sentence-transformers puts it there by default. Where a folder has prompts and none
 * is chosen, that is said: models that were trained with them are worse without.
 *
 * @throws ConfigError for one whose tokens are to be left out of the pooling, which is not implemented
 */
export function promptOf({ prompts, defaultPrompt }: TextSettings, modules: SentenceModules | undefined): string {
  const prompt = defaultPrompt === undefined ? '' : prompts[defaultPrompt];
  if (prompt !== '' && modules?.includePrompt === false) {
    throw new ConfigError({
      where: 'include_prompt',
      expected: 'true where a prompt stands before each text',
      received: `false, and the prompt "${defaultPrompt}"`,
      hint: 'Choose none with the option prompt: false.',
    });
  }
  const named = Object.keys(prompts).filter((name) => prompts[name] !== '');
  if (defaultPrompt === undefined && named.length > 0) {
    console.warn(
      `${promptsName} has the prompts ${named.map((name) => `"${name}"`).join(', ')}, and none of them stands before ` +
        'texts: choose one with the option prompt, or none with prompt: false.',
    );
  }
  return prompt;
}
