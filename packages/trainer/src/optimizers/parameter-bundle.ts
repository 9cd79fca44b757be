import type { AdamMoments } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { OptimizedParameter } from './parameter-groups';

/** Gradients by the path of their parameter; parameters that the loss does not depend on are missing. */
export type Gradients = Readonly<Record<string, tf.Tensor>>;

/**
 * Parameters that the optimiser computes with as one tensor: a large one by itself, or many small ones laid end to
 * end, because a dozen operations on each of a hundred biases cost more than the arithmetic. All members have the
 * same settings, and have had a gradient in the same steps.
 */
export class ParameterBundle {
  /** Steps in which the members had a gradient. */
  steps = 0;
  #moments: AdamMoments | undefined;

  constructor(readonly members: readonly OptimizedParameter[]) {}

  /**
   * First and second moment, of the members laid end to end. They begin as zeros, not as nothing: so the first step is
   * the same program as all others, and a compiling backend does not hold memory for two.
   */
  get moments(): AdamMoments {
    if (this.#moments === undefined) this.replaceMoments({ first: tf.zeros(this.shape), second: tf.zeros(this.shape) });
    return this.#moments!;
  }

  get learningRate(): number {
    return this.members[0].learningRate;
  }

  get weightDecay(): number {
    return this.members[0].weightDecay;
  }

  get shape(): number[] {
    return this.members.length === 1 ? [...this.members[0].parameter.shape] : [sum(this.#sizes)];
  }

  /** The members' gradients as one tensor. */
  gather(gradients: Gradients): tf.Tensor {
    if (this.members.length === 1) return gradients[this.members[0].path];
    return tf.concat(this.members.map(({ path }) => tf.reshape(gradients[path], [-1])));
  }

  /** One tensor as a piece for each member, in its shape. */
  scatter(whole: tf.Tensor): tf.Tensor[] {
    if (this.members.length === 1) return [whole];
    const pieces = tf.split(whole as tf.Tensor1D, this.#sizes);
    return pieces.map((piece, i) => tf.reshape(piece, [...this.members[i].parameter.shape]));
  }

  /** Takes over new moments, and frees the old ones. */
  replaceMoments({ first, second }: AdamMoments): void {
    this.dispose();
    this.#moments = { first: tf.keep(first), second: tf.keep(second) };
  }

  /**
   * The bundle in parts whose members agree on `belongs`: itself if all do, otherwise two that replace it. So bundles
   * become as fine as the model's use of its parameters demands.
   */
  split(belongs: (path: string) => boolean): readonly ParameterBundle[] {
    const inside = this.members.filter(({ path }) => belongs(path));
    if (inside.length === 0 || inside.length === this.members.length) return [this];
    const outside = this.members.filter(({ path }) => !belongs(path));
    const parts = [inside, outside].map((members) => new ParameterBundle(members));
    if (this.#moments) {
      const { first, second } = this.#moments;
      tf.tidy(() => {
        const [firsts, seconds] = [this.#byPath(first), this.#byPath(second)];
        for (const part of parts) part.replaceMoments({ first: part.gather(firsts), second: part.gather(seconds) });
      });
    }
    for (const part of parts) part.steps = this.steps;
    this.dispose();
    return parts;
  }

  /** Goes on from the moments of a bundle that has all of the members. */
  continueFrom(former: ParameterBundle): void {
    this.steps = former.steps;
    if (!former.#moments) return;
    const { first, second } = former.#moments;
    tf.tidy(() => {
      const own = (moment: tf.Tensor) => tf.clone(this.gather(former.#byPath(moment))); // the former's will be freed
      this.replaceMoments({ first: own(first), second: own(second) });
    });
  }

  dispose(): void {
    if (this.#moments) tf.dispose({ ...this.#moments });
    this.#moments = undefined;
  }

  get #sizes(): number[] {
    return this.members.map(({ parameter }) => parameter.size);
  }

  #byPath(whole: tf.Tensor): Gradients {
    return Object.fromEntries(this.scatter(whole).map((piece, i) => [this.members[i].path, piece]));
  }
}

/** Parameters of at most this many values are bundled. */
const smallSize = 16_384;

/**
 * The first bundles: each large parameter by itself, small ones together by module (an encoder, a head, the fusion, and what of it is one
 * slot's) and settings. So they hold together whichever modalities a batch has, and programs from before a split need not be compiled anew.
 */
export function bundleParameters(parameters: readonly OptimizedParameter[]): ParameterBundle[] {
  const bundles = new Map<string, OptimizedParameter[]>();
  const slots = new Set(parameters.flatMap(({ path }) => (path.startsWith('encoders.') ? [path.split('.')[1]] : [])));
  for (const member of parameters) {
    const { path, parameter, learningRate, weightDecay } = member;
    const name = parameter.size > smallSize ? path : [moduleOf(path, slots), learningRate, weightDecay].join(' ');
    bundles.set(name, [...(bundles.get(name) ?? []), member]);
  }
  return [...bundles.values()].map((members) => new ParameterBundle(members));
}

function moduleOf(path: string, slots: ReadonlySet<string>): string {
  const [first, second, ...rest] = path.split('.');
  return first === 'fusion'
    ? [first, ...[second, ...rest].filter((name) => slots.has(name))].join('.')
    : `${first}.${second}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
