import { defineFamily } from '@polymodal/hub';
import { CausalTextTransformer } from '../../causal-text-transformer';
import { poolAsAskedIn } from '../../sentence/pool-as-asked-in';
import { textAdjustments } from '../../sentence/text-adjustments';
import { pretrainedTextProcessor } from '../pretrained-text-processor';
import { gpt2Config } from './config';
import { gpt2Keys } from './keys';

/** GPT-2. */
export const gpt2 = defineFamily({
  architectures: { gpt2: 'GPT2Model' },
  config: gpt2Config,
  adjustments: textAdjustments({
    layers: ['n_layer', 12],
    width: ['n_embd', 768],
    maxPositions: ({ n_positions }) => Number(n_positions ?? 1024),
    hiddenDropout: ['embd_pdrop', 'resid_pdrop'],
    attentionDropout: 'attn_pdrop',
  }),
  build: (config, _, files) => {
    const scale = config.scaleAttnWeights ? (config.nEmbd / config.nHead) ** -0.5 : 1;
    const encoder = new CausalTextTransformer({
      vocabSize: config.vocabSize,
      hiddenSize: config.nEmbd,
      numHiddenLayers: config.nLayer,
      numAttentionHeads: config.nHead,
      intermediateSize: config.nInner ?? 4 * config.nEmbd,
      hiddenAct: config.activationFunction,
      embeddingDropout: config.embdPdrop,
      hiddenDropout: config.residPdrop,
      attentionDropout: config.attnPdrop,
      dropPath: 0,
      maxPositionEmbeddings: config.nPositions,
      positions: 'counted',
      layerNormEps: config.layerNormEpsilon,
      attentionScale: (layer) => (config.scaleAttnByInverseLayerIdx ? scale / (layer + 1) : scale),
      pooling: 'last',
    });
    return poolAsAskedIn(files, encoder);
  },
  keys: () => gpt2Keys,
  processor: (files, { nPositions, vocabSize }) =>
    pretrainedTextProcessor(files, { maxPositions: nPositions, vocabSize }),
});
