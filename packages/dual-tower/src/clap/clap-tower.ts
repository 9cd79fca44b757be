import { Parameter } from '@polymodal/core';
import { constant } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { DualTower, type DualTowerParts } from '../dual-tower';
import { choiceLoss } from '../pairing';

/**
 * CLAP (Wu et al. 2023; HF `ClapModel`): a {@link DualTower} that has a scale for each direction of the comparison.
 *
 * ```ts
 * import { embed } from '@polymodal/dual-tower';
 * import { audioTextFamilies } from '@polymodal/dual-tower/audio-text';
 * import { loadPretrained } from '@polymodal/hub';
 *
 * const clap = await loadPretrained(audioTextFamilies, 'laion/clap-htsat-unfused'); // its `model` is a ClapTower
 * const { audio } = await embed(clap, { audio: ['bark.wav'] });
 * ```
 */
export class ClapTower extends DualTower<'audio'> {
  /** A scalar, the logarithm of what the cosines of texts with sound are multiplied by, as `logitScale` is of sound with texts. */
  readonly textLogitScale: Parameter<tf.Rank.R0>;

  constructor(parts: Omit<DualTowerParts<'audio'>, 'logitBias' | 'pairing'>) {
    super({ ...parts, pairing: 'softmax' });
    this.textLogitScale = new Parameter([], constant(parts.logitScale));
  }

  /**
   * How well each text and each recording fit, to choose a recording for a text (HF `logits_per_text`).
   *
   * @param texts  (T, E)
   * @param audios (B, E)
   * @returns logits (T, B)
   */
  compareTexts(texts: tf.Tensor2D, audios: tf.Tensor2D): tf.Tensor2D {
    return this.#perText(this.compare(audios, texts));
  }

  /**
   * The loss that the model was trained with, for a batch in which row i and text i belong together: the mean of the
   * cross-entropies of finding the text and, with the other scale, of finding the recording (Wu et al. 2023, eq. 1). Python's
   * `return_loss` finds the recording both times.
   *
   * @param logits (B, B)
   * @throws ShapeError if there are not as many texts as rows
   */
  override loss(logits: tf.Tensor2D): tf.Scalar {
    return choiceLoss(logits, (perAudio) => this.#perText(perAudio));
  }

  /** (B, T) → (T, B), on the scale of texts. */
  #perText(logits: tf.Tensor2D): tf.Tensor2D {
    const change = tf.exp(tf.sub(this.textLogitScale.value, this.logitScale.value));
    return tf.mul(tf.transpose(logits), change);
  }
}
