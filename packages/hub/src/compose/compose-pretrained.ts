import {
  checkModelConfig,
  composeUnchecked,
  encoderOfOne,
  type HeadInputs,
  type HeadRules,
  type HeadUses,
  initializeModel,
  type ModelConfig,
  type ModelOf,
  type Plugin,
  PolymodalError,
  processorOfOne,
  type Registry,
} from '@polymodal/core';
import { loadParameters } from '../family/load-parameters';
import { withTensorNames } from '../family/tensor-names';
import type { FetchOptions } from '../pretrained/fetch-pretrained';
import { openPretrained, type Pretrained } from '../pretrained/open-pretrained';
import { isPretrainedEncoder } from './define-pretrained-encoder';
import type { PretrainedProcessor } from './pretrained-processor';

/**
 * Builds a model as `composeModel` does, with encoders that are pretrained: those that a config gives a `from`.
 *
 * ```ts
 * const registry = createRegistry([vision, pretrainedImage, text, pretrainedText, fusion, heads]);
 * const model = await composePretrained(registry, {
 *   hiddenSize: 256,
 *   encoders: {
 *     photo: { use: 'pretrained-image', from: 'facebook/dinov2-small' },
 *     review: { use: 'pretrained-text', from: './models/bert' },
 *   },
 *   fusion: { use: 'masked-transformer' },
 *   heads: { verdict: { use: 'classification', labels: ['good', 'bad'] } },
 * });
 * ```
 *
 * What is new in it gets initial values. `saveModel` and `loadModel` keep all of it: the loaded model needs no `from`.
 *
 * @param fetchOptions how repositories are fetched
 * @throws ConfigError, UnknownNameError as `composeModel`, before anything is fetched
 * @throws FileFormatError, CheckpointKeysError, DownloadError, StorageError as `loadPretrained`, naming the encoder
 */
export async function composePretrained<
  P extends Plugin,
  const Uses extends HeadUses<P>,
  const Inputs extends HeadInputs<Uses> = HeadInputs<Uses>,
  const Rules extends HeadRules<Uses> = HeadRules<Uses>,
>(
  registry: Registry<P>,
  config: ModelConfig<P, Uses, Inputs, Rules>,
  fetchOptions: Omit<FetchOptions, 'revision'> = {},
): Promise<ModelOf<P, Uses, Inputs, Rules>> {
  checkModelConfig(registry, config);
  const opened = new Map<string, Opened>();
  try {
    for (const [slot, options] of Object.entries<object>(config.encoders)) {
      const { use, from, revision } = options as PretrainedSlot;
      if (!isPretrainedEncoder(registry.encoder(use))) continue;
      const pretrained = await within(slot, () =>
        openPretrained(from, { ...fetchOptions, ...(revision && { revision }) }),
      );
      opened.set(slot, { pretrained, contents: withTensorNames(pretrained.contents, pretrained.checkpoint.names) });
    }
    const savedFile = (part: string, name: string) => opened.get(part.replace('processors/', ''))?.contents.get(name);
    const model = composeUnchecked(registry, config, { initialize: false, savedFile });
    const processorOf = (slot: string) => processorOfOne(model.processors[slot]) as PretrainedProcessor;
    for (const slot of opened.keys()) processorOf(slot).requireFiles();
    for (const [slot, { pretrained }] of opened) {
      const encoder = encoderOfOne(model.encoders[slot]);
      await within(slot, () => loadParameters(encoder, pretrained.checkpoint, processorOf(slot).keys));
    }
    initializeModel(model);
    return model as ModelOf<P, Uses, Inputs, Rules>;
  } finally {
    for (const { pretrained } of opened.values()) await pretrained.checkpoint.close();
  }
}

/** What the config of a pretrained encoder has, once it is checked. */
interface PretrainedSlot {
  readonly use: string;
  readonly from: string;
  readonly revision?: string;
}

interface Opened {
  readonly pretrained: Pretrained;
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

async function within<T>(slot: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!PolymodalError.isInstance(error)) throw error;
    throw error.at([`encoders.${slot}.from`, error.where].filter(Boolean).join(', '));
  }
}
