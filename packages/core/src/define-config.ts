import { checkModelConfig } from './check-config';
import type { HeadInputs, HeadRules, HeadUses, ModelConfig } from './model-config';
import type { Plugin } from './plugin';
import type { Registry } from './registry';

/**
 * A config for a variable or a file of its own, checked at once and typed as in the call of `composeModel`: the editor completes
 * it, and models that are made of it have typed answers.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { note: { use: 'transformer' } },
 *   fusion: { use: 'mean' },
 *   heads: { tone: { use: 'classification', labels: ['calm', 'angry'] } },
 * });
 * const model = composeModel(registry, config);
 * ```
 *
 * @throws ConfigError or UnknownNameError naming the offending path and the nearest valid name
 */
export function defineConfig<
  P extends Plugin,
  const Uses extends HeadUses<P>,
  const Inputs extends HeadInputs<Uses> = HeadInputs<Uses>,
  const Rules extends HeadRules<Uses> = HeadRules<Uses>,
>(registry: Registry<P>, config: ModelConfig<P, Uses, Inputs, Rules>): ModelConfig<P, Uses, Inputs, Rules> {
  checkModelConfig(registry, config);
  return config;
}
