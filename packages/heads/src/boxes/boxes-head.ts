import {
  type Context,
  type Features,
  type FusedPart,
  fusedPart,
  Head,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  type Metrics,
  type PresentRows,
  type Requirements,
  type TargetBatch,
} from '@polymodal/core';
import { Linear } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { boxPrecision } from './average-precision';
import { BoxDecoder, type BoxDecoderConfig } from './box-decoder';
import { type BoxLossConfig, boxLoss } from './box-loss';
import type { BoxFeatures, BoxRow, BoxTarget } from './box-target';
import { type FindOptions, type FoundBoxes, findOptions, foundBoxes } from './found-boxes';
import { judgedPicture } from './judged-picture';
import type { QueriedBoxes } from './match-boxes';

/** What a {@link BoxesHead} is made from. */
export interface BoxesConfig extends Omit<BoxDecoderConfig, 'numQueries'>, Omit<BoxLossConfig, 'numQueries'> {
  readonly target: BoxTarget;
  /** The slot whose encoder's own tokens are looked at; those that the fusion made by default. */
  readonly attendsTo: string | undefined;
  /** Whether every layer of the decoder learns to find the boxes. */
  readonly auxiliaryLoss: boolean;
}

/** What a {@link BoxesHead} computes of B rows. */
export interface BoxesOutput extends QueriedBoxes {
  /** The same behind each layer but the last, where these learn too. */
  readonly auxiliary: readonly QueriedBoxes[];
}

/**
 * Finds things in a picture as a set of boxes, each with its label (Carion et al. 2020; the decoder, heads and loss of HF
 * `DetrForObjectDetection`): a fixed number of learned queries looks at the tokens, and each answers with one thing, or none. There are no
 * anchors, and nothing is suppressed afterwards. With one query it points at one thing: at what is asked for, where the fusion has a question.
 */
export class BoxesHead extends Head<BoxesOutput, FoundBoxes, typeof findOptions> {
  readonly requires: Requirements;
  override readonly reads: readonly FusedPart[];
  override readonly readsSlots: readonly string[] | undefined;
  override readonly predictOptions = findOptions;
  override readonly learnsMixed = false;
  /** Precision is counted over all that was found, down to the least sure. */
  override readonly judgedWith = { threshold: 0 };
  override readonly resamples = true;
  readonly decoder: BoxDecoder;
  /** To K + 1 classes, the last of which is that there is none. */
  readonly classifier: Linear;
  /** To middle, width and height, before the sigmoid. */
  readonly box: readonly Linear[];
  readonly #config: BoxesConfig;

  constructor(config: BoxesConfig) {
    super();
    const { target, attendsTo, hiddenSize, startsFrom } = config;
    const slots = [...new Set([target.slot, ...(attendsTo === undefined ? [] : [attendsTo])])];
    this.#config = config;
    this.requires = { all: slots };
    this.reads = attendsTo === undefined ? [] : ['encoded'];
    this.readsSlots = attendsTo === undefined || startsFrom === 'pooled' ? undefined : [attendsTo];
    this.decoder = new BoxDecoder({ ...config, numQueries: target.config.numQueries });
    this.classifier = new Linear(hiddenSize, target.config.labels.length + 1);
    this.box = [hiddenSize, hiddenSize, 4].map((width) => new Linear(hiddenSize, width));
  }

  /** What things are called. */
  get labels(): readonly string[] {
    return this.#config.target.config.labels;
  }

  forward({ fused }: HeadInput, context: Context): BoxesOutput {
    const { attendsTo, auxiliaryLoss } = this.#config;
    const lookedAt = attendsTo === undefined ? fused : fusedPart(fused, 'encoded')[attendsTo];
    const states = this.decoder.forward(lookedAt, fused.pooled, context);
    const { auxiliary, last } = { auxiliary: states.slice(0, -1), last: states.at(-1)! };
    return { ...this.#say(last), auxiliary: auxiliaryLoss ? auxiliary.map((state) => this.#say(state)) : [] };
  }

  loss(target: TargetBatch<BoxFeatures> | undefined): LossTerms<BoxesOutput> {
    if (!target) return {};
    const { numQueries } = this.#config.target.config;
    const layersOf = ({ logits, boxes, auxiliary }: BoxesOutput) => [{ logits, boxes }, ...auxiliary];
    return boxLoss(target, layersOf, { ...this.#config, numQueries });
  }

  /** Of each query, the probabilities of the labels (B, Q, K), and its box (B, Q, 4): middle, width and height, as shares of the picture. */
  scores({ logits, boxes }: BoxesOutput): tf.NamedTensorMap {
    const [batch, queries, classes] = logits.shape;
    return { probabilities: tf.slice(tf.softmax(logits, 2), [0, 0, 0], [batch, queries, classes - 1]), boxes };
  }

  answers(
    scores: Readonly<Record<string, HostTensor>>,
    _present: PresentRows,
    asked: FindOptions,
    features: readonly Readonly<Record<string, Features>>[],
  ): FoundBoxes[] {
    const { slot, config } = this.#config.target;
    return foundBoxes(scores, features, { slot, ...config }, asked);
  }

  /** Average precision as COCO counts it: over ten shares of overlap (`averagePrecision`), and at one half and three quarters. */
  override evaluate(predictions: readonly FoundBoxes[], targets: readonly (Features | undefined)[]): Metrics {
    const { format } = this.#config.target.config;
    const judged = predictions.flatMap((prediction, row) => {
      const target = targets[row] as BoxRow | undefined;
      return target ? [judgedPicture(prediction, target, format)] : [];
    });
    return { ...boxPrecision(judged) };
  }

  #say(state: tf.Tensor3D): QueriedBoxes {
    const [first, second, last] = this.box;
    const hidden = tf.relu(second.forward(tf.relu(first.forward(state))));
    return { logits: this.classifier.forward(state), boxes: tf.sigmoid(last.forward(hidden)) };
  }
}
