import { defineFamily } from '@polymodal/hub';
import { pretrainedTextProcessor } from '../pretrained-text-processor';
import { llamaConfig } from './config';
import { llamaKeys } from './keys';
import { LlamaEncoder } from './llama-encoder';
import { resolveRotaryParameters } from './rotary-options';

/** Llama, 1 to 3. */
export const llama = defineFamily({
  architectures: { llama: 'LlamaModel' },
  config: llamaConfig,
  build: (config) =>
    new LlamaEncoder({
      ...config,
      numKeyValueHeads: config.numKeyValueHeads ?? config.numAttentionHeads,
      headDim: config.headDim ?? config.hiddenSize / config.numAttentionHeads,
      ropeParameters: resolveRotaryParameters(config),
    }),
  keys: () => llamaKeys,
  processor: (files, { maxPositionEmbeddings, vocabSize }) =>
    pretrainedTextProcessor(files, { maxPositions: maxPositionEmbeddings, vocabSize }),
});
