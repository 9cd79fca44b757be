import { defineFamily } from '@polymodal/hub';
import { llamaKeys } from '../llama/keys';
import { LlamaEncoder } from '../llama/llama-encoder';
import { resolveRotaryParameters } from '../llama/rotary-options';
import { pretrainedTextProcessor } from '../pretrained-text-processor';
import { qwen2Config } from './config';

/** Qwen2 (Yang et al. 2024): Llama whose queries, keys and values have a bias, with a window in the upper layers if it is asked for. */
export const qwen2 = defineFamily({
  architectures: { qwen2: 'Qwen2Model' },
  config: qwen2Config,
  build: ({ useSlidingWindow, slidingWindow, maxWindowLayers, layerTypes, ...config }) => {
    const window = useSlidingWindow ? (slidingWindow ?? 4096) : undefined;
    const slides = (layer: number) =>
      layerTypes ? layerTypes[layer] === 'sliding_attention' : layer >= maxWindowLayers;
    return new LlamaEncoder({
      ...config,
      numKeyValueHeads: config.numKeyValueHeads ?? config.numAttentionHeads,
      headDim: config.headDim ?? config.hiddenSize / config.numAttentionHeads,
      attentionBias: { output: false },
      mlpBias: false,
      ropeParameters: resolveRotaryParameters(config),
      slidingWindow: (layer) => (slides(layer) ? window : undefined),
    });
  },
  keys: () => llamaKeys,
  processor: (files, { maxPositionEmbeddings, vocabSize }) =>
    pretrainedTextProcessor(files, { maxPositions: maxPositionEmbeddings, vocabSize }),
});
