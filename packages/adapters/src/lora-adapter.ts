import { currentPass, Parameter, type RandomKey } from '@polymodal/core';
import { dropout, Embedding, linear, MapAdapter, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { type AdaptedMap, outputSizeOf } from './adapted-maps';
import type { MapSite } from './map-site';

/** What a {@link LoraAdapter} is like. */
export interface LoraConfig {
  /** r: how many directions the change has. */
  readonly rank: number;
  /** What the change is multiplied by. */
  readonly scale: number;
  /** Probability that a value is taken from what goes into A, in training. Of an embedding nothing is. */
  readonly dropout: number;
  /** Whether each row of the weight has a length of its own, learned apart from its direction. */
  readonly dora: boolean;
  /** Whether A stays as it begins. */
  readonly freezeA: boolean;
  /** Whether the scale is α / √r, and not α / r. */
  readonly rslora: boolean;
}

/**
 * LoRA (Hu et al. 2021, section 4.1): y = W x + s · B A x. Of a linear map A is a thinner one, of a convolution one with the same kernel
 * to fewer channels, of an embedding a table of fewer columns (PEFT's `lora.Linear`, `lora.Conv2d` and `lora.Embedding`).
 *
 * With a magnitude it is DoRA (Liu et al. 2024, equation 5): y = m / ‖W + s · B A‖ · (W x + s · B A x), the norms of rows, taken for
 * constants. What is learned of m is its difference from ‖W‖.
 */
export class LoraAdapter extends MapAdapter {
  /** A: (r, …), as the weight of the map with r outputs; of an embedding (r, ids), transposed. */
  readonly loraA: Parameter;
  /** B, (outputSize, r) */
  readonly loraB: Parameter<tf.Rank.R2>;
  /** m − ‖W‖, (outputSize), of DoRA. */
  readonly magnitudeChange: Parameter<tf.Rank.R1> | undefined;
  readonly rank: number;
  readonly scale: number;
  readonly rslora: boolean;
  readonly dropout: number;
  readonly #site: MapSite;

  constructor(site: MapSite, { rank, scale, dropout: rate, dora, freezeA, rslora }: LoraConfig) {
    super(site.name);
    const { map } = site;
    const outputSize = outputSizeOf(map);
    if (map instanceof Embedding) {
      this.loraA = new Parameter([rank, map.numEmbeddings], zeros);
      this.loraB = new Parameter([outputSize, rank], (_, key) => key.normal(outputSize * rank));
    } else {
      const [, ...perOutput] = map.weight.shape;
      this.loraA = new Parameter([rank, ...perOutput], kaimingUniform);
      this.loraB = new Parameter([outputSize, rank], zeros);
    }
    this.loraA.trainable = !freezeA;
    this.magnitudeChange = dora ? new Parameter([outputSize], zeros) : undefined;
    this.rank = rank;
    this.scale = scale;
    this.#site = site;
    this.dropout = rate;
    this.rslora = rslora;
  }

  forward<X extends tf.Tensor, Y extends tf.Tensor>(x: X, base: (x: X) => Y): Y {
    const { map } = this.#site;
    const pass = currentPass();
    const own = pass && !(map instanceof Embedding) ? dropout(x, this.dropout, pass.context, this) : x;
    if (!this.magnitudeChange) return tf.add(base(x), this.#change(own));
    const turned = tf.add(map.mapBy(own, map.weight.value), this.#change(own)); // without the bias, which keeps its length
    const y = tf.mul(turned, this.#stretch());
    return (map.bias ? tf.add(y, map.bias.value) : y) as Y;
  }

  /** W ← W + s · B A, or with a magnitude W ← m / ‖W + s · B A‖ · (W + s · B A). */
  merge(): () => void {
    const { weight } = this.#site.map;
    // Lengths are nowhere else, and what is held in int8 is to be that again, to the bit.
    const before = (this.magnitudeChange || weight.precision === 'int8') && tf.keep(tf.clone(weight.value));
    const add = (sign: 1 | -1) =>
      tf.tidy(() => weight.assign(tf.add(weight.value, tf.mul(this.#weightChange(), sign))));
    const turn = () =>
      tf.tidy(() => {
        const stretch = this.#stretch();
        const perRow = tf.reshape(stretch, [-1, ...weight.shape.slice(1).map(() => 1)]);
        weight.assign(tf.mul(tf.add(weight.value, this.#weightChange()), perRow));
      });
    const restore = () => {
      weight.assign(before as tf.Tensor);
      (before as tf.Tensor).dispose();
    };
    return this.#site.merge(
      this,
      () => (this.magnitudeChange ? turn() : add(1)),
      () => (before ? restore() : add(-1)),
    );
  }

  /** s · B A x */
  #change(x: tf.Tensor): tf.Tensor {
    const { map } = this.#site;
    const a = map instanceof Embedding ? tf.transpose(this.loraA.value) : this.loraA.value;
    return tf.mul(linear(map.mapBy(x, a), this.loraB.value as tf.Tensor2D), this.scale);
  }

  /** s · B A, as the weight of the map has it. */
  #weightChange(): tf.Tensor {
    const { weight } = this.#site.map;
    const a = tf.reshape<tf.Rank.R2>(this.loraA.value, [this.rank, -1]);
    const product = tf.mul(tf.matMul(this.loraB.value as tf.Tensor2D, a), this.scale);
    return tf.reshape(this.#site.map instanceof Embedding ? tf.transpose(product) : product, [...weight.shape]);
  }

  /** m / ‖W + s · B A‖ by rows, (outputSize): 1 at first, to the bit. */
  #stretch(): tf.Tensor1D {
    const { weight } = this.#site.map;
    const magnitude = tf.add(
      constant(() => rowNorms(weight.value)),
      this.magnitudeChange!.value,
    );
    return tf.div(
      magnitude,
      constant(() => rowNorms(tf.add(weight.value, this.#weightChange()))),
    );
  }

  /** The lengths of the rows of the weight, (outputSize): what a magnitude that was learned elsewhere differs from. */
  static rowNorms(map: AdaptedMap): tf.Tensor1D {
    return tf.tidy(() => rowNorms(map.weight.value));
  }
}

function rowNorms(weight: tf.Tensor): tf.Tensor1D {
  return tf.sqrt(tf.sum<tf.Tensor1D>(tf.square(tf.reshape(weight, [weight.shape[0], -1])), 1));
}

/** What a function computes, to which no gradient flows. */
function constant<T extends tf.Tensor>(compute: () => T): T {
  return tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }))() as T;
}

/** As PEFT: nn.init.kaiming_uniform_(weight, a=math.sqrt(5)). */
function kaimingUniform(shape: readonly number[], key: RandomKey): Float32Array {
  const [rank, ...perOutput] = shape;
  const inputs = perOutput.reduce((product, length) => product * length, 1);
  const bound = inputs ** -0.5;
  return key.uniform(rank * inputs).map((value) => (2 * value - 1) * bound);
}
