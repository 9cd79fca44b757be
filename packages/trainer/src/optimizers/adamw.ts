import { FileFormatError, type NamedTensor } from '@polymodal/core';
import { adamStep, hostScalars } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs';
import { clipGradientNorm } from './clip-gradient-norm';
import { bundleParameters, type Gradients, ParameterBundle } from './parameter-bundle';
import type { OptimizedParameter } from './parameter-groups';

/** Constants of {@link AdamW}. */
export interface AdamWOptions {
  /** Decay of the first and second moment. */
  readonly betas: readonly [first: number, second: number];
  readonly epsilon: number;
}

/** One update. */
export interface UpdateOptions {
  /** The learning rate in this step of a parameter whose full rate is given. */
  readonly learningRate: (full: number) => number;
  /** Bound on the common L2 norm of all gradients. */
  readonly clipGradientNorm?: number | undefined;
}

/** State of an optimiser in host memory. */
export interface OptimizerState {
  /** Which parameters are computed with together, and in how many steps they had a gradient. */
  readonly bundles: readonly { readonly paths: readonly string[]; readonly steps: number }[];
  /** Moments of bundle i, as `first.i` and `second.i`. */
  readonly tensors: ReadonlyMap<string, NamedTensor>;
}

/**
 * AdamW: Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2), as `torch.optim.AdamW`.
 *
 * A parameter without a gradient in a step is left alone, decay and moments included, and each has its own bias
 * correction. The moments are kept divided by 1 − β, so that their update costs two operations and the constants of
 * the step join in two host numbers; no value is read from the backend.
 */
export class AdamW {
  #bundles: ParameterBundle[];

  constructor(
    private readonly parameters: readonly OptimizedParameter[],
    private readonly options: AdamWOptions,
  ) {
    this.#bundles = bundleParameters(parameters);
  }

  /** Updates the parameters that have a gradient. Returns the common norm of all gradients before clipping. */
  update(gradients: Gradients, options: UpdateOptions): tf.Scalar {
    this.#bundles = this.#bundles.flatMap((bundle) => bundle.split((path) => path in gradients));
    return tf.tidy(() => {
      const active = this.#bundles.filter(({ members }) => members[0].path in gradients);
      const gathered = active.map((bundle) => bundle.gather(gradients));
      const clipped = clipGradientNorm(gathered, options.clipGradientNorm);
      active.forEach((bundle, i) => this.#updateBundle(bundle, clipped.gradients[i], options));
      return clipped.norm;
    });
  }

  #updateBundle(bundle: ParameterBundle, gradient: tf.Tensor, options: UpdateOptions): void {
    const [beta1, beta2] = this.options.betas;

    // θ ← θ − η·λ·θ − η · (m / (1 − β1^t)) / (√(v / (1 − β2^t)) + ε), with m = (1 − β1)·first, v = (1 − β2)·second
    const [rate, epsilon, kept] = hostScalars(() => {
      bundle.steps++;
      const learningRate = options.learningRate(bundle.learningRate);
      const scale = Math.sqrt((1 - beta2 ** bundle.steps) / (1 - beta2)); // √v̂ = √second / scale
      return [
        (learningRate * scale * (1 - beta1)) / (1 - beta1 ** bundle.steps),
        this.options.epsilon * scale,
        1 - learningRate * bundle.weightDecay,
      ] as const;
    });
    const { step, first, second } = adamStep(gradient, bundle.moments, { beta1, beta2, rate, epsilon });

    bundle.scatter(step).forEach((piece, i) => {
      const { parameter } = bundle.members[i];
      const decayed = bundle.weightDecay === 0 ? parameter.value : tf.mul(parameter.value, kept);
      parameter.assign(tf.sub(decayed, piece));
    });
    bundle.replaceMoments({ first, second });
  }

  /** Copies the state to host memory. */
  async state(): Promise<OptimizerState> {
    const tensors = new Map<string, NamedTensor>();
    for (const [i, bundle] of this.#bundles.entries()) {
      if (bundle.steps === 0) continue;
      for (const [name, moment] of Object.entries(bundle.moments) as [string, tf.Tensor][]) {
        tensors.set(`${name}.${i}`, { shape: moment.shape, data: (await moment.data()) as Float32Array });
      }
    }
    const bundles = this.#bundles.map(({ members, steps }) => ({ paths: members.map(({ path }) => path), steps }));
    return { bundles, tensors };
  }

  /**
   * Continues from a state.
   *
   * @throws FileFormatError if it belongs to other parameters
   */
  restore({ bundles, tensors }: OptimizerState): void {
    const members = new Map(this.parameters.map((member) => [member.path, member]));
    const paths = bundles.flatMap((bundle) => bundle.paths);
    if (paths.length !== members.size || !paths.every((path) => members.has(path))) {
      throw new FileFormatError({
        where: 'optimiser state',
        expected: `moments of the ${members.size} trainable parameters`,
        received: `moments of ${paths.length}, among them ${paths.find((path) => !members.has(path)) ?? 'no other'}`,
        hint: 'The checkpoint belongs to a model of which other parameters are frozen.',
      });
    }
    this.dispose();
    this.#bundles = bundles.map(({ paths, steps }, i) => {
      const bundle = new ParameterBundle(paths.map((path) => members.get(path)!));
      const [first, second] = [tensors.get(`first.${i}`), tensors.get(`second.${i}`)];
      if (first && second) {
        const { shape } = bundle;
        bundle.replaceMoments({ first: tf.tensor(first.data, shape), second: tf.tensor(second.data, shape) });
      }
      bundle.steps = steps;
      return bundle;
    });
  }

  /** Frees the moments. */
  dispose(): void {
    for (const bundle of this.#bundles) bundle.dispose();
  }
}
