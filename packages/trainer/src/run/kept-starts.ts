import {
  ConfigError,
  disposeBatch,
  type Features,
  type HostBatch,
  type HostRows,
  type HostTensor,
  hostTensor,
  inferenceContext,
  type Model,
  type SlotStart,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { CacheBudget } from '../data/cache-budget';
import { valueKey } from '../data/value-key';
import type { OptimizedParameter } from '../optimizers/parameter-groups';
import type { KeptValues } from './kept-values';

/** Of one row of a slot, by name: what a fusion made of it. */
type RowStart = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>;

/**
 * Keeps what frozen layers make of values that come again, before anything that learns has a part in it, so that steps begin behind them.
 * Each row is computed by itself, so that it is the same bits in whatever batch it first came.
 */
export class KeptStarts {
  readonly #start: SlotStart;
  readonly #rows = new Map<string, RowStart>();
  readonly #budget: CacheBudget;
  #bytes = 0;

  constructor(start: SlotStart, bytes: number) {
    this.#start = start;
    this.#budget = new CacheBudget(bytes);
  }

  get kept(): KeptValues {
    return { slot: this.#start.slot, values: this.#rows.size, bytes: this.#bytes, most: this.#budget.bytes };
  }

  /** The batch with what is known of the slot among its features; as it is where it lacks the slot, or nothing can be known. */
  async add(batch: HostBatch): Promise<HostBatch> {
    const { slot } = this.#start;
    const own = batch.modalities[slot];
    if (!own) return batch;
    const starts: RowStart[] = [];
    for (let row = 0; row < own.rows.length; row++) starts.push(await this.#startOf(rowOf(own, row)));
    const features = { ...own.features, ...stacked(starts) };
    return { ...batch, modalities: { ...batch.modalities, [slot]: { ...own, features } } };
  }

  async #startOf(features: Features): Promise<RowStart> {
    const key = valueKey(features);
    const known = this.#rows.get(key);
    if (known) return known;
    const made = await this.#compute(features);
    const bytes = Object.values(made).reduce((sum, { data }) => sum + data.byteLength, 0);
    if (this.#budget.take(bytes)) {
      this.#rows.set(key, made);
      this.#bytes += bytes;
    }
    return made;
  }

  async #compute(features: Features): Promise<RowStart> {
    const { slot } = this.#start;
    const modalities = { [slot]: { rows: Int32Array.of(0), features } };
    const batch = uploadBatch({ size: 1, modalities, targets: {} });
    const tensors = tf.tidy(() => this.#start.compute(batch.modalities[slot], inferenceContext()));
    try {
      const named = Object.entries(tensors).map(async ([name, tensor]) => {
        return [name, { shape: tensor.shape.slice(1), data: await tensor.data<'float32'>() }] as const;
      });
      return Object.fromEntries(await Promise.all(named));
    } finally {
      tf.dispose(tensors);
      disposeBatch(batch);
    }
  }
}

/**
 * What keeps starts in a stage; none where a fusion has no start, or what makes it learns.
 *
 * @param bytes that may stay in memory; 0 for none
 */
export function keptStarts(
  model: Model,
  parameters: readonly Pick<OptimizedParameter, 'path'>[],
  bytes: number,
): KeptStarts | undefined {
  const start = bytes > 0 ? model.fusion.start?.(model.encoders) : undefined;
  if (!start) return undefined;
  const prefix = `encoders.${start.slot}.`;
  const learns = parameters.some(({ path }) => path.startsWith(prefix) && start.uses(path.slice(prefix.length)));
  return learns ? undefined : new KeptStarts(start, bytes);
}

/** @throws ConfigError where starts are to be kept of a fusion that has none */
export function checkFrozenCache({ fusion, encoders }: Model, bytes: number): void {
  if (bytes === 0 || fusion.start?.(encoders)) return;
  throw new ConfigError({
    where: 'train.frozenCacheBytes',
    expected: 'a fusion that begins with layers of one slot alone, `flamingo` with `from` above 0 say',
    received: `${bytes}, for one that does not`,
    hint: 'Leave it out: there is nothing to keep.',
  });
}

/** One row of a slot, as if it were alone. */
function rowOf({ features }: HostRows, row: number): Features {
  return Object.fromEntries(
    Object.entries(features).map(([name, { shape, data, dtype }]): [string, HostTensor] => {
      const size = data.length / shape[0];
      return [name, hostTensor(data.slice(row * size, (row + 1) * size), [1, ...shape.slice(1)], dtype)];
    }),
  );
}

function stacked(rows: readonly RowStart[]): Features {
  const [first] = rows;
  return Object.fromEntries(
    Object.entries(first).map(([name, { shape, data }]) => {
      const all = new Float32Array(rows.length * data.length);
      rows.forEach((row, index) => {
        all.set(row[name].data, index * data.length);
      });
      return [name, hostTensor(all, [rows.length, ...shape])];
    }),
  );
}
