import { defineFamily } from '@polymodal/hub';
import { poolAsAskedIn } from '../../sentence/pool-as-asked-in';
import { textAdjustments } from '../../sentence/text-adjustments';
import { decoderInLlava } from '../llama/in-llava';
import { llamaKeys } from '../llama/keys';
import { LlamaEncoder } from '../llama/llama-encoder';
import { resolveRotaryParameters } from '../llama/rotary-options';
import { pretrainedTextProcessor } from '../pretrained-text-processor';
import { qwen2Config } from './config';

/** Qwen2 (Yang et al. 2024): Llama whose queries, keys and values have a bias, with a window in the upper layers if it is asked for. */
export const qwen2 = defineFamily({
  architectures: { qwen2: 'Qwen2Model' },
  within: { llava: decoderInLlava({ modelType: 'qwen2', names: ['qwen2'] }) },
  config: qwen2Config,
  adjustments: textAdjustments({
    layers: ['num_hidden_layers', 32],
    alsoOfLayers: ({ layer_types }, layers) =>
      Array.isArray(layer_types) ? { layer_types: layer_types.slice(0, layers) } : {},
    width: ['hidden_size', 4096],
    maxPositions: ({ max_position_embeddings }) => Number(max_position_embeddings ?? 32768),
    attentionDropout: 'attention_dropout',
  }),
  build: ({ useSlidingWindow, slidingWindow, maxWindowLayers, layerTypes, ...config }, _, files) => {
    const window = useSlidingWindow ? (slidingWindow ?? 4096) : undefined;
    const slides = (layer: number) =>
      layerTypes ? layerTypes[layer] === 'sliding_attention' : layer >= maxWindowLayers;
    return poolAsAskedIn(
      files,
      new LlamaEncoder({
        ...config,
        numKeyValueHeads: config.numKeyValueHeads ?? config.numAttentionHeads,
        headDim: config.headDim ?? config.hiddenSize / config.numAttentionHeads,
        attentionBias: { output: false },
        mlpBias: false,
        ropeParameters: resolveRotaryParameters(config),
        slidingWindow: (layer) => (slides(layer) ? window : undefined),
      }),
    );
  },
  keys: () => llamaKeys,
  processor: (files, { maxPositionEmbeddings, vocabSize }) =>
    pretrainedTextProcessor(files, { maxPositions: maxPositionEmbeddings, vocabSize }),
});
