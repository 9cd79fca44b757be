import { type Context, type Encoder, type ModalityBatch, Module, Parameter } from '@polymodal/core';
import { constant } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { type Pairing, pairLoss, pairProbabilities } from './pairing';

/** The way from an encoder's vector into the shared space: a `Linear`, say. */
export interface Projection extends Module {
  /** (P, D) → (P, E) */
  forward(vectors: tf.Tensor2D, context: Context): tf.Tensor2D;
}

/** What a {@link DualTower} is made of. */
export interface DualTowerParts<Other extends string> {
  readonly encoders: Readonly<Record<Other | 'text', Encoder>>;
  /** Of those whose vectors are not in the shared space yet. */
  readonly projections?: Readonly<Partial<Record<Other | 'text', Projection>>>;
  /** The first value of the logarithm of what cosines are multiplied by. */
  readonly logitScale: number;
  /** The first value of what is added to them; left out, nothing is. */
  readonly logitBias?: number;
  readonly pairing: Pairing;
}

/**
 * Two encoders, of texts and of an `Other` modality (pictures or sound), whose vectors lie in one space: near to one another where
 * they mean the same (Radford et al. 2021; HF `CLIPModel`, `SiglipModel`).
 *
 * ```ts
 * import { embed } from '@polymodal/dual-tower';
 * import { imageTextFamilies } from '@polymodal/dual-tower/image-text';
 * import { loadPretrained } from '@polymodal/hub';
 *
 * const clip = await loadPretrained(imageTextFamilies, 'openai/clip-vit-base-patch32'); // its `model` is a DualTower<'image'>
 * const { image } = await embed(clip, { image: ['cat.jpg'] });
 * ```
 */
export class DualTower<Other extends string = string> extends Module {
  readonly encoders: Readonly<Record<Other | 'text', Encoder>>;
  readonly projections: Readonly<Record<string, Projection | undefined>>;
  /** A scalar, the logarithm of what cosines are multiplied by. */
  readonly logitScale: Parameter<tf.Rank.R0>;
  /** A scalar that is added to them. */
  readonly logitBias: Parameter<tf.Rank.R0> | undefined;
  readonly pairing: Pairing;
  /** The modality that is not text. */
  readonly other: Other;

  constructor({ encoders, projections, logitScale, logitBias, pairing }: DualTowerParts<Other>) {
    super();
    this.encoders = encoders;
    this.projections = { ...projections };
    this.logitScale = new Parameter([], constant(logitScale));
    this.logitBias = logitBias === undefined ? undefined : new Parameter([], constant(logitBias));
    this.pairing = pairing;
    this.other = Object.keys(encoders).find((modality) => modality !== 'text') as Other;
  }

  /**
   * Where the rows of a modality lie in the shared space.
   *
   * @returns (P, E), each of unit length
   */
  encode(modality: Other | 'text', batch: ModalityBatch, context: Context): tf.Tensor2D {
    const { pooled } = this.encoders[modality].encode(batch, context);
    return unitLength(this.projections[modality]?.forward(pooled, context) ?? pooled);
  }

  /**
   * How well each row of the other modality and each text fit.
   *
   * @returns logits (B, T)
   */
  forward(batches: Readonly<Record<Other | 'text', ModalityBatch>>, context: Context): tf.Tensor2D {
    return this.compare(
      this.encode(this.other, batches[this.other], context),
      this.encode('text', batches.text, context),
    );
  }

  /**
   * {@link forward} for embeddings that are there already.
   *
   * @param others (B, E)
   * @param texts  (T, E)
   * @returns logits (B, T)
   */
  compare(others: tf.Tensor2D, texts: tf.Tensor2D): tf.Tensor2D {
    const cosines = tf.matMul(others, texts, false, true);
    const scaled = tf.mul<tf.Tensor2D>(cosines, tf.exp(this.logitScale.value));
    return this.logitBias ? tf.add(scaled, this.logitBias.value) : scaled;
  }

  /**
   * How probable each text is for each row of the other modality.
   *
   * @param logits (B, T)
   * @returns      (B, T)
   */
  probabilities(logits: tf.Tensor2D): tf.Tensor2D {
    return pairProbabilities(logits, this.pairing);
  }

  /**
   * The loss that the model was trained with, for a batch in which row i and text i belong together.
   *
   * @param logits (B, B)
   * @throws ShapeError if there are not as many texts as rows
   */
  loss(logits: tf.Tensor2D): tf.Scalar {
    return pairLoss(logits, this.pairing);
  }
}

/** (P, E), each row divided by its length; a row of zeros stays one. */
function unitLength(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12)));
}
