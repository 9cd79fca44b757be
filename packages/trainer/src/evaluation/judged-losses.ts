import {
  askPart,
  disposeBatch,
  type HostBatch,
  inferenceContext,
  type Losses,
  type Metrics,
  type Model,
  type PreparedSample,
  RandomKey,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** Of a language model there are logits of a whole vocabulary for each token of a row, so that few rows are computed at a time. */
const rowsAtOnce = 8;

/** What {@link JudgedLosses} say of a head. */
interface LossFigures {
  /** Samples that it has something to learn from. */
  readonly count: number;
  readonly metrics: Metrics;
}

/** Of a head, how many samples it learns from, and by term what is summed and how many things that is over. */
interface LossSums {
  rows: number;
  readonly terms: Record<string, { readonly sum: number; readonly count: number }>;
}

/** What heads would learn from samples that are judged: the terms of the losses of those that have figures of them (`evaluateLoss`), added up. */
export class JudgedLosses {
  readonly #model: Model;
  readonly #heads: readonly string[];
  readonly #sums = new Map<string, LossSums>();

  constructor(model: Model) {
    this.#model = model;
    this.#heads = Object.keys(model.heads).filter((name) => model.heads[name].evaluateLoss);
  }

  /**
   * @param samples of the same modalities
   * @param first   the place of the first of them among those that are judged, by which what is drawn of them is known again
   */
  async add(samples: readonly PreparedSample[], first: number): Promise<void> {
    for (let start = 0; this.#heads.length > 0 && start < samples.length; start += rowsAtOnce) {
      const host = this.#model.collate(samples.slice(start, start + rowsAtOnce));
      await this.#addBatch(this.#model.drawTargets(host, judgedKey.fold(first + start)));
    }
  }

  async #addBatch(host: HostBatch): Promise<void> {
    const batch = uploadBatch(host);
    const sums = () => this.#model.losses(batch, inferenceContext(), this.#heads) as unknown as tf.TensorContainer;
    const losses = tf.tidy(sums) as unknown as Losses;
    try {
      for (const [head, terms] of Object.entries(losses)) {
        const own = this.#sums.get(head) ?? { rows: 0, terms: {} };
        own.rows += host.targets[head]?.rows.length ?? host.size;
        for (const [term, { sum, count }] of Object.entries(terms)) {
          const [value] = await sum.data();
          const before = own.terms[term] ?? { sum: 0, count: 0 };
          own.terms[term] = { sum: before.sum + value, count: before.count + count };
        }
        this.#sums.set(head, own);
      }
    } finally {
      tf.dispose(losses as unknown as tf.TensorContainer);
      disposeBatch(batch);
    }
  }

  /** By head, of those that some sample had something for. */
  figures(): Readonly<Record<string, LossFigures>> {
    const ofHead = ([head, { rows, terms }]: [string, LossSums]): [string, LossFigures] => {
      const means = Object.fromEntries(Object.entries(terms).map(([term, { sum, count }]) => [term, sum / count]));
      const ask = () => this.#model.heads[head].evaluateLoss?.(means) ?? {};
      return [head, { count: rows, metrics: askPart(`head "${head}"`, 'evaluateLoss()', ask) }];
    };
    return Object.fromEntries([...this.#sums].map(ofHead));
  }
}

/** One for all: what is drawn in judging is to be the same in each epoch, and in each run. */
const judgedKey = RandomKey.from(0).fold('judged');
