import { ConfigError, type Encoders } from '@polymodal/core';
import { isCausalEncoder } from '@polymodal/generation';
import { checkModalities } from './check-modalities';

/**
 * The slot whose sequence a decoder goes through.
 *
 * @param asked the one that the config names
 * @throws UnknownNameError for a slot that there is not, ConfigError where none, or several, or not the one named, has a causal encoder
 */
export function causalHost(encoders: Encoders, asked: string | undefined): string {
  if (asked !== undefined) checkModalities([asked], encoders, 'host');
  const causal = Object.keys(encoders).filter((slot) => isCausalEncoder(encoders[slot]));
  const [host, ...others] = asked === undefined ? causal : causal.filter((slot) => slot === asked);
  if (host !== undefined && others.length === 0) return host;
  if (host !== undefined) {
    throw new ConfigError({
      where: 'host',
      expected: `the slot whose sequence goes on: one of ${causal.join(', ')}`,
      received: 'none named',
    });
  }
  throw new ConfigError({
    where: asked === undefined ? 'encoders' : 'host',
    expected: 'a slot whose encoder is causal: its tokens see only those before them',
    received: asked ?? Object.keys(encoders).join(', '),
    hint: 'Such are `transformer` of texts with `causal: true`, and pretrained GPT-2, Llama and Qwen2; a slot with `several` is none.',
  });
}
