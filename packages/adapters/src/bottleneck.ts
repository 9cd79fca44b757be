import { ConfigError, defineAdapter } from '@polymodal/core';
import { activation, activationNames, Embedding } from '@polymodal/nn';
import { z } from 'zod';
import { adapterOptions } from './adapter-options';
import { BottleneckAdapter } from './bottleneck-adapter';
import { putAdapters } from './put-adapters';

const options = z.object({
  ...adapterOptions,
  /** Width of the hidden layer. */
  bottleneckSize: z.int().positive().default(64),
  /** Between its two maps. */
  hiddenAct: z.enum(activationNames).default('gelu'),
});

/** The adapters `bottleneck`: small networks behind maps, as behind the last of each attention and feed-forward layer (Houlsby et al. 2019). */
export const bottleneck = defineAdapter({
  name: 'bottleneck',
  config: options,
  apply({ bottleneckSize, hiddenAct, ...common }, { model }) {
    putAdapters(common, model, (site, path) => {
      if (site.map instanceof Embedding) throw behindEmbedding(path);
      return new BottleneckAdapter(site, { bottleneckSize, activation: activation(hiddenAct) });
    });
  },
});

function behindEmbedding(path: string): ConfigError {
  return new ConfigError({
    where: 'targets',
    expected: 'linear maps and convolutions',
    received: `the embedding ${path}`,
    hint: 'A table of vectors is adapted by lora.',
  });
}
