import { Parameter } from '@polymodal/core';
import { TransformerDecoder, type TransformerDecoderConfig, tiedToAdapted } from '@polymodal/head-text';
import { type Activation, activation, LayerNorm, Linear, linear, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** What a {@link BlipDecoder} is made from. */
export type BlipDecoderConfig = Omit<TransformerDecoderConfig, 'normPosition' | 'tied'>;

/**
 * The decoder of BLIP (Li et al. 2022, section 3.1; HF `BlipTextLMHeadModel`): layers of BERT that see the tokens before and look at the
 * picture, and BERT's head for words: a layer of its own before the words' embeddings, and a bias behind.
 */
export class BlipDecoder extends TransformerDecoder {
  readonly transform: Linear;
  readonly transformNorm: LayerNorm;
  /** (V) */
  readonly wordBias: Parameter<tf.Rank.R1>;
  readonly #act: Activation;

  constructor(config: BlipDecoderConfig) {
    super({ ...config, normPosition: 'post', tied: true });
    const { hiddenSize, vocabSize, layerNormEps, hiddenAct } = config;
    this.transform = new Linear(hiddenSize, hiddenSize);
    this.transformNorm = new LayerNorm(hiddenSize, layerNormEps);
    this.wordBias = new Parameter([vocabSize], zeros);
    this.#act = activation(hiddenAct);
  }

  override logits<T extends tf.Tensor>(tokens: T): T {
    const { weight, adapter } = this.tokenEmbeddings;
    if (adapter) throw tiedToAdapted();
    const transformed = this.transformNorm.forward(this.#act(this.transform.forward(tokens)));
    return tf.add(linear(transformed, weight.value), this.wordBias.value) as T;
  }
}
