import { StateError } from '@polymodal/core';
import { type Activation, Linear, MapAdapter, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { outputSizeOf } from './adapted-maps';
import type { MapSite } from './map-site';

/** What a {@link BottleneckAdapter} is like. */
export interface BottleneckConfig {
  /** Width of the hidden layer. */
  readonly bottleneckSize: number;
  readonly activation: Activation;
}

/**
 * An adapter after Houlsby et al. (2019, section 2.1): a small network behind a map, with a way around it, y + W₂ σ(W₁ y + b₁) + b₂. W₂
 * and b₂ begin with zeros.
 */
export class BottleneckAdapter extends MapAdapter {
  readonly down: Linear;
  readonly up: Linear;
  readonly #site: MapSite;
  readonly #activation: Activation;

  constructor(site: MapSite, { bottleneckSize, activation }: BottleneckConfig) {
    super(site.name);
    const width = outputSizeOf(site.map);
    this.down = new Linear(width, bottleneckSize);
    this.up = new Linear(bottleneckSize, width, { initializer: zeros });
    this.#site = site;
    this.#activation = activation;
  }

  forward<X extends tf.Tensor, Y extends tf.Tensor>(x: X, base: (x: X) => Y): Y {
    const y = base(x);
    return tf.add(y, this.up.forward(this.#activation(this.down.forward(y))));
  }

  merge(): () => void {
    throw new StateError({
      where: 'mergeAdapters',
      expected: 'adapters that are changes of weights, such as lora and ia3',
      received: `a bottleneck behind a map of weight [${this.#site.map.weight.shape}], which no other weight computes`,
      hint: 'Keep the adapters: saveModel saves them, and exportOnnx exports them with the model.',
    });
  }
}
