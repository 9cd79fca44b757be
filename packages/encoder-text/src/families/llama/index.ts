import { defineFamily } from '@polymodal/hub';
import { poolAsAskedIn } from '../../sentence/pool-as-asked-in';
import { textAdjustments } from '../../sentence/text-adjustments';
import { pretrainedTextProcessor } from '../pretrained-text-processor';
import { llamaConfig } from './config';
import { llamaInIdefics } from './in-idefics';
import { llamaInIdefics3 } from './in-idefics3';
import { llamaInLlava } from './in-llava';
import { llamaKeys } from './keys';
import { LlamaEncoder } from './llama-encoder';
import { resolveRotaryParameters } from './rotary-options';

/** Llama, 1 to 3. */
export const llama = defineFamily({
  architectures: { llama: 'LlamaModel' },
  within: { idefics: llamaInIdefics, idefics3: llamaInIdefics3, smolvlm: llamaInIdefics3, llava: llamaInLlava },
  config: llamaConfig,
  adjustments: textAdjustments({
    layers: ['num_hidden_layers', 32],
    width: ['hidden_size', 4096],
    maxPositions: ({ max_position_embeddings }) => Number(max_position_embeddings ?? 2048),
    attentionDropout: 'attention_dropout',
  }),
  build: (config, _, files) =>
    poolAsAskedIn(
      files,
      new LlamaEncoder({
        ...config,
        numKeyValueHeads: config.numKeyValueHeads ?? config.numAttentionHeads,
        headDim: config.headDim ?? config.hiddenSize / config.numAttentionHeads,
        ropeParameters: resolveRotaryParameters(config),
      }),
    ),
  keys: () => llamaKeys,
  processor: (files, { maxPositionEmbeddings, vocabSize }) =>
    pretrainedTextProcessor(files, { maxPositions: maxPositionEmbeddings, vocabSize }),
});
