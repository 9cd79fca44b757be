import { ConfigError } from '@polymodal/core';
import type { GenerationOptions } from './generation-options';
import { rowsOf } from './sequence-rules';
import { promptLength, type TokenDecoder, type TokenPrompt } from './token-decoder';

const defaultBytes = 2 ** 33;

/**
 * Makes sure that the keys and values of all sequences fit, even if each becomes as long as it may.
 *
 * @throws ConfigError
 */
export function requireCacheRoom(
  decoder: TokenDecoder,
  prompts: readonly TokenPrompt[],
  limits: readonly number[],
  options: GenerationOptions,
  most = defaultBytes,
): void {
  const longest = Math.max(...prompts.map((prompt, index) => promptLength(prompt) + limits[index]));
  const rows = prompts.length * rowsOf(options);
  const needed = decoder.cacheBytes?.(rows, longest) ?? 0;
  if (needed <= most) return;
  throw new ConfigError({
    where: 'maxCacheBytes',
    expected: `at least ${mebibytes(needed)}: the keys and values of ${rows} sequences of up to ${longest} tokens`,
    received: most < 2 ** 20 ? `${most} bytes` : mebibytes(most),
    hint: 'Ask for fewer tokens (maxNewTokens), fewer beams or sequences, or fewer samples at a time; or raise it.',
  });
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
