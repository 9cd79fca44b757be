import { Module, type Sequence } from '@polymodal/core';
import { gelu, LayerNorm, Linear, maskedMean, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { greatestTokens } from './greatest-tokens';

/**
 * What scales and shifts tokens where it depends on the tokens, too (Yao et al. 2018, cascaded mutual modulation, where the picture speaks into the
 * question before the question modulates the picture):
 *
 *     γ, β = W₃ GELU(W₁ c + W₂ [mean(x̂), max(x̂)] + b₁) + b₂    with x̂ the normed tokens
 *
 * So what is found in one place is known in all others, however far they are: the shape that the object has which is asked about. W₃ and
 * b₂ are 0 at first.
 */
export class MutualModulation extends Module {
  readonly norm: LayerNorm;
  readonly condition: Linear;
  readonly held: Linear;
  readonly output: Linear;

  /**
   * @param conditionSize C
   * @param width         E
   */
  constructor(conditionSize: number, width: number, layerNormEps: number) {
    super();
    this.norm = new LayerNorm(width, layerNormEps);
    this.condition = new Linear(conditionSize, 2 * width);
    this.held = new Linear(2 * width, 2 * width, { bias: false });
    this.output = new Linear(2 * width, 2 * width, { initializer: zeros });
  }

  /**
   * @param condition (P, C), of the rows of the tokens
   * @param sequence  (P, N, E)
   * @returns γ and β side by side (P, 2E)
   */
  forward(condition: tf.Tensor2D, { tokens, mask }: Pick<Sequence, 'tokens' | 'mask'>): tf.Tensor2D {
    const normed = this.norm.forward(tokens);
    const held = tf.concat([maskedMean(normed, mask), greatestTokens(normed, mask)], 1); // (P, 2E)
    return this.output.forward(gelu(tf.add(this.condition.forward(condition), this.held.forward(held))));
  }
}
