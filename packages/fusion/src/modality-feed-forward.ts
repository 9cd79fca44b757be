import { type Context, Module } from '@polymodal/core';
import { FeedForward, type FeedForwardConfig, Linear, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** What a {@link ModalityFeedForward} has. */
export interface ModalityFeedForwardConfig extends FeedForwardConfig {
  readonly gates: boolean;
  readonly experts: boolean;
}

/**
 * What modalities have of their own beside the feed-forward network that the tokens of a joint Transformer share:
 *
 *     y_n = g_n · (feedForward(x_n) + expert_m(x_n))    g_n = 2 σ(u_m · x_n + v_m · x_0)
 *
 * for a token n of modality m, where x_0 is the class token. A gate so follows from the token and from its row; an expert for each
 * modality is the mixture of VLMo (Bao et al. 2022, section 3.1) and BEiT-3, beside a shared one. Both begin as nothing: g = 1, and
 * experts of 0. The class token has neither.
 */
export class ModalityFeedForward extends Module {
  /** u_m and v_m, by slot, where there are gates. */
  readonly gates: Readonly<Record<string, ModalityGate>>;
  /** By slot, where there are experts. */
  readonly experts: Readonly<Record<string, FeedForward>>;

  constructor(config: ModalityFeedForwardConfig, slots: readonly string[]) {
    super();
    const bySlot = <T>(make: () => T) => Object.fromEntries(slots.map((slot) => [slot, make()]));
    this.gates = config.gates ? bySlot(() => new ModalityGate(config.hiddenSize)) : {};
    this.experts = config.experts ? bySlot(() => new FeedForward({ ...config, outputInitializer: zeros })) : {};
  }

  /**
   * @param x      (B, N, D): the class token, then those of each modality in `lengths`
   * @param shared the network that all tokens share
   * @param lengths how many tokens each modality has, in their order
   * @returns (B, N, D), and how far each token's gate is open, g / 2: by slot (B, n)
   */
  forward(
    x: tf.Tensor3D,
    shared: (x: tf.Tensor3D) => tf.Tensor3D,
    lengths: Readonly<Record<string, number>>,
    context: Context,
  ): { readonly output: tf.Tensor3D; readonly open: Readonly<Record<string, tf.Tensor2D>> } {
    const [classInput, ...inputs] = tf.split<tf.Tensor3D>(x, [1, ...Object.values(lengths)], 1);
    const [classOutput, ...outputs] = tf.split<tf.Tensor3D>(shared(x), [1, ...Object.values(lengths)], 1);
    const open: Record<string, tf.Tensor2D> = {};
    const own = Object.keys(lengths).map((slot, index) => {
      const expert = this.experts[slot]?.forward(inputs[index], context);
      const output = expert ? tf.add<tf.Tensor3D>(outputs[index], expert) : outputs[index];
      if (!this.gates[slot]) return output;
      const gate = this.gates[slot].forward(inputs[index], classInput); // (B, n, 1)
      open[slot] = tf.squeeze(gate, [2]);
      return tf.mul<tf.Tensor3D>(output, tf.mul(gate, 2));
    });
    return { output: tf.concat([classOutput, ...own], 1), open };
  }
}

/** σ(u · x + v · class token). */
class ModalityGate extends Module {
  readonly token: Linear;
  readonly row: Linear;

  constructor(hiddenSize: number) {
    super();
    this.token = new Linear(hiddenSize, 1, { initializer: zeros });
    this.row = new Linear(hiddenSize, 1, { initializer: zeros, bias: false });
  }

  /** (B, n, D) and (B, 1, D) → (B, n, 1) */
  forward(tokens: tf.Tensor3D, classToken: tf.Tensor3D): tf.Tensor3D {
    return tf.sigmoid(tf.add<tf.Tensor3D>(this.token.forward(tokens), this.row.forward(classToken)));
  }
}
