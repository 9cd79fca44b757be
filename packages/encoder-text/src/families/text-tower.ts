import { type Context, type ModalityBatch, type Tokens, withTokens } from '@polymodal/core';
import { type ActivationName, Embedding, LayerNorm, TransformerLayer, zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { SentenceEncoder } from '../sentence/sentence-encoder';
import { checkLength } from './check-length';

/** What the text towers of dual encoders are made from: the names of HF `CLIPTextConfig` and `SiglipTextConfig`. */
export interface TextTowerConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly intermediateSize: number;
  readonly hiddenAct: ActivationName;
  readonly attentionDropout: number;
  readonly maxPositionEmbeddings: number;
  readonly layerNormEps: number;
}

/** What the text towers of CLIP and SigLIP share: learned positions, pre-norm layers and a final norm. */
export abstract class TextTower extends SentenceEncoder {
  readonly tokenEmbeddings: Embedding;
  readonly positionEmbeddings: Embedding;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;
  readonly hiddenSize: number;

  constructor(config: TextTowerConfig) {
    super();
    const { hiddenSize } = config;
    this.hiddenSize = hiddenSize;
    this.tokenEmbeddings = new Embedding(config.vocabSize, hiddenSize);
    this.positionEmbeddings = new Embedding(config.maxPositionEmbeddings, hiddenSize);
    this.layers = Array.from({ length: config.numHiddenLayers }, () => new TransformerLayer(config));
    this.norm = new LayerNorm(hiddenSize, config.layerNormEps);
  }

  get depth(): number {
    return this.layers.length;
  }

  /** @throws ShapeError for more tokens than there are positions */
  embed({ features, rows }: ModalityBatch, _context: Context): Tokens {
    const mask = features.mask as tf.Tensor2D;
    const [batch, length] = mask.shape;
    checkLength(length, this.positionEmbeddings.numEmbeddings);
    const ids = zeroPadding(features.inputIds as tf.Tensor2D, mask); // (P, N)
    const indices = tf.tile(tf.expandDims<tf.Tensor2D>(tf.range(0, length, 1, 'int32'), 0), [batch, 1]);
    const positions = zeroPadding((features.positionIds as tf.Tensor2D | undefined) ?? indices, mask);
    const tokens = tf.add<tf.Tensor3D>(this.tokenEmbeddings.forward(ids), this.positionEmbeddings.forward(positions));
    return { tokens, mask, rows }; // (P, N, D)
  }

  protected override finishTokens(tokens: Tokens): Tokens {
    return withTokens(tokens, this.norm.forward(tokens.tokens));
  }
}
