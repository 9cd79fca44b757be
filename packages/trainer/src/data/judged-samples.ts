import type { Model, PreparedSample } from '@polymodal/core';
import { Coverage, warnOfGaps } from './coverage';
import type { Dataset } from './dataset';
import { FeatureStore, type FeatureStoreOptions } from './feature-store';
import { modalitiesOf, type SampleShape } from './sample-shape';

/** How {@link JudgedSamples} are prepared: for inference. */
export type JudgedOptions = Omit<FeatureStoreOptions, 'key' | 'augment' | 'compared' | 'balanced'>;

/**
 * Samples that a model is judged on, and does not learn from. Their shapes and targets stay in memory, and features as far as these may; others
 * are made again when it is their turn.
 */
export class JudgedSamples {
  readonly #store: FeatureStore;

  private constructor(
    store: FeatureStore,
    /** Of each, as features. */
    readonly targets: readonly PreparedSample['targets'][],
  ) {
    this.#store = store;
  }

  /**
   * Prepares every sample once. A head that none has a target for is told as a warning.
   *
   * @throws as {@link FeatureStore.prepare}
   */
  static async prepare(model: Model, dataset: Dataset, options: JudgedOptions): Promise<JudgedSamples> {
    const coverage = new Coverage(model);
    const targets: PreparedSample['targets'][] = [];
    const store = await FeatureStore.prepare(model, dataset, {
      ...options,
      onPrepared(sample, given) {
        coverage.add(sample);
        targets.push(sample.targets);
        options.onPrepared?.(sample, given);
      },
    });
    warnOfGaps(model, { slots: [], heads: coverage.gaps.heads }, options.name);
    return new JudgedSamples(store, targets);
  }

  get length(): number {
    return this.#store.length;
  }

  /** The shapes of a sample's features, by modality. */
  shapeOf(index: number): SampleShape {
    const shape = this.#store.shapes[index];
    return Object.fromEntries(modalitiesOf(shape).map((slot) => [slot, shape[slot]]));
  }

  /** The features of some samples. */
  get(indices: readonly number[]): Promise<PreparedSample[]> {
    return this.#store.get(indices, 0);
  }
}
