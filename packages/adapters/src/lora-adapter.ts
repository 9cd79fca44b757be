import { Parameter } from '@polymodal/core';
import { type Linear, LinearAdapter, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** Sizes of a {@link LoraAdapter}. */
export interface LoraConfig {
  /** r: how many directions the change has. */
  readonly rank: number;
  /** What the change is multiplied by: α / r. */
  readonly scale: number;
}

/**
 * LoRA (Hu et al. 2021, section 4.1; PEFT `lora.Linear`): y = W x + scale · B A x, with A of Kaiming's uniform values and B of zeros.
 */
export class LoraAdapter extends LinearAdapter {
  /** A, (r, inputSize) */
  readonly loraA: Parameter<tf.Rank.R2>;
  /** B, (outputSize, r) */
  readonly loraB: Parameter<tf.Rank.R2>;
  readonly #linear: Linear;
  readonly #scale: number;
  readonly #frozen: readonly Parameter[];

  /** @param frozen what learns nothing beside the adapter, and learns again once that is merged */
  constructor(linear: Linear, { rank, scale }: LoraConfig, frozen: readonly Parameter[] = []) {
    super();
    const bound = linear.inputSize ** -0.5; // as PEFT: nn.init.kaiming_uniform_(weight, a=math.sqrt(5))
    this.loraA = new Parameter([rank, linear.inputSize], (_, key) =>
      key.uniform(rank * linear.inputSize).map((value) => (2 * value - 1) * bound),
    );
    this.loraB = new Parameter([linear.outputSize, rank], zeros);
    this.#linear = linear;
    this.#scale = scale;
    this.#frozen = frozen;
  }

  forward<T extends tf.Tensor>(x: T): T {
    const { inputSize, outputSize } = this.#linear;
    const rows = tf.reshape<tf.Rank.R2>(x, [-1, inputSize]);
    const thin = tf.matMul(rows, this.loraA.value as tf.Tensor2D, false, true); // (rows, r)
    const change = tf.mul(tf.matMul(thin, this.loraB.value as tf.Tensor2D, false, true), this.#scale);
    return tf.reshape(change, [...x.shape.slice(0, -1), outputSize]) as T;
  }

  /** W ← W + scale · B A, and what was frozen for it learns again. */
  merge(): void {
    const { weight } = this.#linear;
    tf.tidy(() => {
      const change = tf.matMul(this.loraB.value as tf.Tensor2D, this.loraA.value as tf.Tensor2D);
      weight.assign(tf.add(weight.value, tf.mul(change, this.#scale)));
    });
    for (const parameter of this.#frozen) parameter.trainable = true;
    this.#linear.adapter = undefined;
    this.dispose();
  }
}
