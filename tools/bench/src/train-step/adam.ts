import type { Parameter } from '@polymodal/core';
import { type AdamMoments, adamStep } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs';

const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];

/** Adam (Kingma and Ba 2015, algorithm 1) as `torch.optim.Adam` by default, out of the step that `@polymodal/nn` has. */
export class Adam {
  private readonly moments: AdamMoments[];
  private steps = 0;

  constructor(
    private readonly parameters: readonly Parameter[],
    private readonly learningRate: number,
  ) {
    const zeros = ({ shape }: Parameter) => tf.keep(tf.zeros([...shape]));
    this.moments = parameters.map((parameter) => ({ first: zeros(parameter), second: zeros(parameter) }));
  }

  /** @param gradients one a parameter, in their order */
  update(gradients: readonly tf.Tensor[]): void {
    this.steps++;
    const scale = Math.sqrt((1 - beta2 ** this.steps) / (1 - beta2));
    tf.tidy(() => {
      const rate = tf.scalar((this.learningRate * scale * (1 - beta1)) / (1 - beta1 ** this.steps));
      const options = { beta1, beta2, rate, epsilon: tf.scalar(epsilon * scale) };
      this.parameters.forEach((parameter, i) => {
        const { step, first, second } = adamStep(gradients[i]!, this.moments[i]!, options);
        parameter.assign(tf.sub(parameter.value, step));
        tf.dispose({ ...this.moments[i] });
        this.moments[i] = { first: tf.keep(first), second: tf.keep(second) };
      });
    });
  }
}
