import { defineFamily } from '@polymodal/hub';
import { pretrainedTextProcessor } from '../pretrained-text-processor';
import { gpt2Config } from './config';
import { Gpt2Encoder } from './gpt2-encoder';
import { gpt2Keys } from './keys';

/** GPT-2. */
export const gpt2 = defineFamily({
  architectures: { gpt2: 'GPT2Model' },
  config: gpt2Config,
  build: (config) =>
    new Gpt2Encoder({
      vocabSize: config.vocabSize,
      hiddenSize: config.nEmbd,
      numHiddenLayers: config.nLayer,
      numAttentionHeads: config.nHead,
      intermediateSize: config.nInner ?? 4 * config.nEmbd,
      hiddenAct: config.activationFunction,
      embeddingDropout: config.embdPdrop,
      hiddenDropout: config.residPdrop,
      attentionDropout: config.attnPdrop,
      maxPositionEmbeddings: config.nPositions,
      layerNormEps: config.layerNormEpsilon,
      scaleAttnWeights: config.scaleAttnWeights,
      scaleAttnByInverseLayerIdx: config.scaleAttnByInverseLayerIdx,
    }),
  keys: () => gpt2Keys,
  processor: (files, { nPositions, vocabSize }) =>
    pretrainedTextProcessor(files, { maxPositions: nPositions, vocabSize }),
});
