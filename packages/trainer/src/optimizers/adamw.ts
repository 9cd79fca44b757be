import {
  adoptTensor,
  FileFormatError,
  type NamedTensor,
  parseConfig,
  ShapeError,
  suggestNames,
  UnknownNameError,
  viewValues,
} from '@polymodal/core';
import { adamStep, hostScalars } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
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

const optionsSchema = z.strictObject({
  betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).readonly(),
  epsilon: z.number().positive(),
});
const updateSchema = z.strictObject({
  learningRate: z.custom((value) => typeof value === 'function', 'a function'),
  clipGradientNorm: z.number().positive().optional(),
});

/** Parameters that are computed with together, and in how many steps they had a gradient. */
export interface BundleState {
  readonly paths: readonly string[];
  readonly steps: number;
}

/** A moment of the parameters of a bundle. */
export interface Moment {
  /** `first.i` or `second.i`, of bundle i. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Its values, to be read before the next update: on some backends they are those that it computes with. */
  read(): Promise<Float32Array>;
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
  readonly #shapes: ReadonlyMap<string, readonly number[]>;

  readonly #parameters: readonly OptimizedParameter[];
  readonly #options: AdamWOptions;

  /** @throws ConfigError for options that cannot be used */
  constructor(parameters: readonly OptimizedParameter[], options: AdamWOptions) {
    this.#parameters = parameters;
    this.#options = options;
    parseConfig(optionsSchema, options, 'AdamW');
    this.#bundles = bundleParameters(parameters);
    this.#shapes = new Map(parameters.map(({ path, parameter }) => [path, parameter.shape]));
  }

  /**
   * Updates the parameters that have a gradient. Returns the common norm of all gradients before clipping.
   *
   * @throws ConfigError for options that cannot be used
   * @throws UnknownNameError for a gradient of no parameter
   * @throws ShapeError for a gradient that does not fit its parameter
   */
  update(gradients: Gradients, options: UpdateOptions): tf.Scalar {
    parseConfig(updateSchema, options, 'update');
    this.#check(gradients);
    this.#bundles = this.#bundles.flatMap((bundle) => bundle.split((path) => path in gradients));
    return tf.tidy(() => {
      const active = this.#bundles.filter(({ members }) => members[0].path in gradients);
      const gathered = active.map((bundle) => bundle.gather(gradients));
      const clipped = clipGradientNorm(gathered, options.clipGradientNorm);
      active.forEach((bundle, i) => this.#updateBundle(bundle, clipped.gradients[i], options));
      return clipped.norm;
    });
  }

  #check(gradients: Gradients): void {
    for (const [path, gradient] of Object.entries(gradients)) {
      const shape = this.#shapes.get(path);
      const where = `gradients, ${path}`;
      if (shape === undefined) {
        const [expected, received] = ['the path of a parameter that learns', `"${path}"`];
        throw new UnknownNameError({ where, expected, received, hint: suggestNames(path, [...this.#shapes.keys()]) });
      }
      if (tf.util.arraysEqual([...shape], gradient.shape)) continue;
      throw new ShapeError({ where, expected: `shape [${shape}]`, received: `[${gradient.shape}]` });
    }
  }

  #updateBundle(bundle: ParameterBundle, gradient: tf.Tensor, options: UpdateOptions): void {
    const [beta1, beta2] = this.#options.betas;

    // θ ← θ − η·λ·θ − η · (m / (1 − β1^t)) / (√(v / (1 − β2^t)) + ε), with m = (1 − β1)·first, v = (1 − β2)·second
    const [rate, epsilon, kept] = hostScalars(() => {
      bundle.steps++;
      const learningRate = options.learningRate(bundle.learningRate);
      const scale = Math.sqrt((1 - beta2 ** bundle.steps) / (1 - beta2)); // √v̂ = √second / scale
      return [
        (learningRate * scale * (1 - beta1)) / (1 - beta1 ** bundle.steps),
        this.#options.epsilon * scale,
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

  /** The state, apart from the moments. */
  get bundles(): BundleState[] {
    return this.#bundles.map(({ members, steps }) => ({ paths: members.map(({ path }) => path), steps }));
  }

  /** The moments of parameters that have taken a step. */
  moments(): Moment[] {
    return this.#bundles.flatMap((bundle, i) =>
      bundle.steps === 0
        ? []
        : (['first', 'second'] as const).map((order) => ({
            name: `${order}.${i}`,
            shape: bundle.shape,
            read: () => viewValues(bundle.moments[order]),
          })),
    );
  }

  /**
   * Continues from a state.
   *
   * @param read gives the moments, one after the other and in any order; their values are taken over
   * @throws FileFormatError if the state belongs to other parameters, or is not complete
   */
  async restore(
    bundles: readonly BundleState[],
    read: (take: (name: string, moment: NamedTensor) => void) => Promise<void>,
  ): Promise<void> {
    const restored = this.#bundlesOf(bundles);
    const halves = new Map<string, tf.Tensor>();
    const missing = new Set(bundles.flatMap(({ steps }, i) => (steps > 0 ? [`first.${i}`, `second.${i}`] : [])));
    try {
      await read((name, { data, shape }) => {
        if (!missing.delete(name)) throw incomplete('moments of steps that were taken', name);
        const index = name.split('.')[1];
        const bundle = restored[Number(index)];
        if (!tf.util.arraysEqual([...shape], bundle.shape))
          throw incomplete(`${name} of [${bundle.shape}]`, `[${shape}]`);
        halves.set(name, adoptTensor(data, bundle.shape));
        const [first, second] = ['first', 'second'].map((half) => halves.get(`${half}.${index}`));
        if (!first || !second) return;
        bundle.replaceMoments({ first, second });
        for (const half of ['first', 'second']) halves.delete(`${half}.${index}`);
      });
      if (missing.size > 0) throw incomplete('every moment', `a state without ${[...missing][0]}`);
    } catch (error) {
      for (const bundle of restored) bundle.dispose();
      tf.dispose([...halves.values()]);
      throw error;
    }
    this.dispose();
    this.#bundles = restored;
  }

  /** Goes on, before the first update, with the moments that another one has of parameters of both; the rest begin with none. */
  continueFrom(former: AdamW): void {
    for (const { members } of former.#bundles) {
      const paths = new Set(members.map(({ path }) => path));
      this.#bundles = this.#bundles.flatMap((bundle) => bundle.split((path) => paths.has(path)));
    }
    for (const bundle of this.#bundles) {
      const own = former.#bundles.find(({ members }) => members.some(({ path }) => path === bundle.members[0].path));
      if (own) bundle.continueFrom(own);
    }
  }

  #bundlesOf(bundles: readonly BundleState[]): ParameterBundle[] {
    const members = new Map(this.#parameters.map((member) => [member.path, member]));
    const paths = bundles.flatMap((bundle) => bundle.paths);
    if (paths.length !== members.size || !paths.every((path) => members.has(path))) {
      throw new FileFormatError({
        where: 'optimiser state',
        expected: `moments of the ${members.size} trainable parameters`,
        received: `moments of ${paths.length}, among them ${paths.find((path) => !members.has(path)) ?? 'no other'}`,
        hint: 'The checkpoint belongs to a model of which other parameters are frozen.',
      });
    }
    return bundles.map(({ paths, steps }) => {
      const bundle = new ParameterBundle(paths.map((path) => members.get(path)!));
      bundle.steps = steps;
      return bundle;
    });
  }

  /** Frees the moments. */
  dispose(): void {
    for (const bundle of this.#bundles) bundle.dispose();
  }
}

function incomplete(expected: string, received: string): FileFormatError {
  return new FileFormatError({ where: 'optimiser state', expected, received });
}
