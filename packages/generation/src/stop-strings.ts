import { ConfigError, type TokenCodec } from '@polymodal/core';

/** Whether a sequence ends with a token. @param ids of the prompt too */
export type EndsWith = (ids: readonly number[]) => boolean;

/** How many tokens before the last ones are decoded with them: a token may depend on those before it for its space. */
const contextLength = 8;

/**
 * Whether the last token completes one of some strings, which may begin in any token before it and end within this one (HF
 * `StopStringCriteria`); of special tokens too, as they are written. It takes as long as the longest string is, not the text.
 *
 * @throws ConfigError without a codec
 */
export function stopStrings(
  strings: readonly string[],
  codec: Pick<TokenCodec, 'decode' | 'decodeAll'> | undefined,
): EndsWith {
  if (!codec) throw withoutCodec('stopStrings');
  const decode = (ids: readonly number[]) => codec.decodeAll?.(ids) ?? String(codec.decode(ids));
  const most = contextLength + Math.max(...strings.map((string) => new TextEncoder().encode(string).length));
  return (ids) => {
    const last = ids.slice(-most);
    const text = decode(last);
    const before = decode(last.slice(0, -1)).replace(unfinished, '').length;
    return strings.some((string) => text.includes(string, Math.max(0, before - string.length + 1)));
  };
}

/** What stands for bytes that are no whole character yet. */
const unfinished = /\uFFFD+$/;

/** What an option needs of who gives it. */
export function withoutCodec(option: string): ConfigError {
  return new ConfigError({
    where: `generation.${option}`,
    expected: 'a model whose tokens are known to be those of a text',
    received: 'none that tells',
    hint: 'A pretrained model needs the tokenizer.json that belongs to it; generateTokens takes the codec of a slot: { codec }.',
  });
}
