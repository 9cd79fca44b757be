import { Parameter } from '@polymodal/core';
import { MapAdapter, ones } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { outputSizeOf } from './adapted-maps';
import type { MapSite } from './map-site';

/**
 * (IA)³ (Liu et al. 2022, section 3.3): what comes out of a map is multiplied by a learned vector, y = l ⊙ (W x + b); of feed-forward
 * layers what goes into their second map, y = W (l ⊙ x) + b (PEFT's `ia3.Linear` and `ia3.Conv2d`).
 */
export class Ia3Adapter extends MapAdapter {
  /** l, (outputSize), or (inputSize) of what goes in. */
  readonly vector: Parameter<tf.Rank.R1>;
  readonly scalesInputs: boolean;
  readonly #site: MapSite;

  constructor(site: MapSite, scalesInputs: boolean) {
    super(site.name);
    const { map } = site;
    this.vector = new Parameter([scalesInputs ? map.weight.shape[1] : outputSizeOf(map)], ones);
    this.scalesInputs = scalesInputs;
    this.#site = site;
  }

  forward<X extends tf.Tensor, Y extends tf.Tensor>(x: X, base: (x: X) => Y): Y {
    if (this.scalesInputs) return base(tf.mul(x, this.vector.value));
    return tf.mul(base(x), this.vector.value);
  }

  /** W ← l ⊙ W by rows, and b ← l ⊙ b; or W ← W ⊙ l by columns. */
  merge(): () => void {
    const { weight, bias } = this.#site.map;
    const axis = this.scalesInputs ? 1 : 0;
    const scale = (by: (value: tf.Tensor, factors: tf.Tensor) => tf.Tensor) =>
      tf.tidy(() => {
        const along = weight.shape.map((_, own) => (own === axis ? -1 : 1));
        weight.assign(by(weight.value, tf.reshape(this.vector.value, along)));
        if (bias && !this.scalesInputs) bias.assign(by(bias.value, this.vector.value));
      });
    const before = [weight, ...(bias ? [bias] : [])].map((own) => [own, tf.keep(tf.clone(own.value))] as const);
    return this.#site.merge(
      this,
      () => scale(tf.mul),
      () => {
        for (const [own, value] of before) own.assign(value); // a factor may be 0
        tf.dispose(before.map(([, value]) => value));
      },
    );
  }
}
