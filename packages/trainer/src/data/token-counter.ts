import {
  disposeBatch,
  encoderOfOne,
  type FeatureShape,
  type Features,
  inferenceContext,
  type Lengths,
  type Model,
  type PreparedSample,
  sampleShape,
  tokenCounts,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { BatchCost } from './batch-budget';
import { type BatchLengths, isTarget, ownLengths, type SampleShape, targetsOf } from './sample-shape';

/**
 * How many tokens samples have: what their encoders embed, and the lengths of their targets, which heads put behind them. A row costs about
 * as much as it has tokens, of whichever modality, so that batches are measured by them.
 */
export class TokenCounter implements BatchCost {
  readonly unit = 'tokens';
  /** By slot, what cannot be padded, and lengths. */
  readonly #known = new Map<string, number>();
  /** By slot and what cannot be padded: features that were seen, of which none are longer than others in every length. */
  readonly #shortest = new Map<string, Example[]>();

  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
  }

  /**
   * Sees a sample, so that rows of its kind can be counted, padded to any lengths.
   *
   * @param shapes its own, where they are known
   */
  see(sample: PreparedSample, shapes = sampleShape(this.#model, sample)): void {
    for (const [slot, features] of Object.entries(sample.features)) {
      const { fixed, lengths = {} } = shapes[slot];
      const key = kindKey(slot, fixed);
      const known = this.#shortest.get(key) ?? [];
      if (known.some((own) => fits(own.lengths, lengths))) continue;
      const others = known.filter((own) => !fits(lengths, own.lengths));
      this.#shortest.set(key, [...others, { lengths, features }]);
    }
  }

  /**
   * How many tokens take part of a sample that was seen.
   *
   * @param shape its own, where it is known
   */
  taken(sample: PreparedSample, shape = sampleShape(this.#model, sample)): number {
    return sum(
      Object.entries(shape).map(([part, own]) => {
        const encoder = this.#model.encoders[part];
        const says = encoder && encoderOfOne(encoder).tokenCount !== undefined;
        return says ? sum(tokenCounts(encoder, sample.features[part])) : this.padded(part, own, own.lengths ?? {});
      }),
    );
  }

  /**
   * How many tokens are computed of a row of some shape, which a sample had that was seen.
   *
   * @param modalities those of the batch
   * @param lengths    that the row is padded to, where they are not its own
   */
  computed(shape: SampleShape, modalities: readonly string[], lengths: BatchLengths = {}): number {
    const padded = { ...ownLengths(shape), ...lengths };
    return sum([...modalities, ...targetsOf(padded)].map((part) => this.padded(part, shape[part] ?? {}, padded[part])));
  }

  /** How many tokens are computed of some such rows. */
  of(rows: number, shape: SampleShape, modalities: readonly string[], lengths: BatchLengths): number {
    return rows * this.computed(shape, modalities, lengths);
  }

  /**
   * How many of them are of one modality, or one target.
   *
   * @param shape   of it
   * @param lengths that it is padded to
   */
  padded(part: string, { fixed }: FeatureShape, lengths: Lengths): number {
    return isTarget(part) ? sum(Object.values(lengths)) : this.#embedded(part, fixed, lengths);
  }

  /** The encoder embeds a row without it being computed, where the backend is lazy; elsewhere it is one row for each length. */
  #embedded(slot: string, fixed: FeatureShape['fixed'], lengths: Lengths): number {
    const kind = kindKey(slot, fixed);
    const key = `${kind} ${JSON.stringify(Object.entries(lengths).sort())}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const { features } = this.#shortest.get(kind)!.find((own) => fits(own.lengths, lengths))!;
    const row = { features: { [slot]: features }, targets: {}, lengths: { [slot]: lengths } };
    const batch = uploadBatch(this.#model.collate([row]));
    try {
      const encoder = this.#model.encoders[slot];
      const count = tf.tidy(() => encoder.embed(batch.modalities[slot], inferenceContext()).tokens.shape[1]);
      this.#known.set(key, count);
      return count;
    } finally {
      disposeBatch(batch);
    }
  }
}

/** Features of one row. */
interface Example {
  readonly lengths: Lengths;
  readonly features: Features;
}

function kindKey(slot: string, fixed: FeatureShape['fixed']): string {
  return JSON.stringify([slot, fixed]);
}

/** Whether a row can be padded to some lengths. */
function fits(own: Lengths, lengths: Lengths): boolean {
  return Object.entries(own).every(([name, length]) => length <= (lengths[name] ?? 0));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
