import { type PreparedSample, RandomKey, sampleShape, trainingContext, uploadBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { assignGroups } from '../optimizers/parameter-groups';
import { tinyModel, tinySamples } from '../testing/tiny-model';
import { train } from '../train';
import { KeptBytes } from './kept-bytes';
import { KindExamples } from './kind-examples';
import { modalitiesOf, ownLengths } from './sample-shape';

beforeAll(() => tf.setBackend('cpu'));

const key = RandomKey.from(3);

/** What the backend holds when the first gradient is made: then all that is not kept for it is gone. */
function heldByBackend(model: ReturnType<typeof tinyModel>, samples: readonly PreparedSample[]): number {
  const variables = assignGroups(model, [], { learningRate: 1, weightDecay: 0 }).map(
    ({ parameter }) => parameter.value as tf.Variable,
  );
  return tf.tidy(() => {
    const backend = new WatchedBackend();
    const batch = uploadBatch(model.drawTargets(model.collate(samples), key));
    let held = 0;
    const watched = tf.customGrad((x) => ({
      value: tf.clone(x as tf.Tensor),
      gradFunc: (dy: tf.Tensor) => {
        held = backend.bytes;
        return dy;
      },
    }));
    tf.engine().gradients(
      () => watched(model.losses(batch, trainingContext(key, model)).digit.crossEntropy.sum) as tf.Scalar,
      variables,
      undefined,
      true,
    );
    backend.leave();
    return held;
  });
}

/** Counts what the backend cpu is given from now on, and has not freed. */
class WatchedBackend {
  readonly #held = new Map<object, number>();
  readonly #spies;

  constructor() {
    const backend = tf.backend() as tf.KernelBackend;
    const { write, disposeData } = backend;
    this.#spies = [
      vi.spyOn(backend, 'write').mockImplementation((values, shape, dtype) => {
        const dataId = write.call(backend, values, shape, dtype);
        this.#held.set(dataId, tf.util.sizeFromShape(shape) * tf.util.bytesPerElement(dtype));
        return dataId;
      }),
      vi.spyOn(backend, 'disposeData').mockImplementation((dataId, force) => {
        const isFreed = disposeData.call(backend, dataId, force);
        if (isFreed) this.#held.delete(dataId);
        return isFreed;
      }),
    ];
  }

  get bytes(): number {
    return [...this.#held.values()].reduce((sum, own) => sum + own, 0);
  }

  leave(): void {
    for (const spy of this.#spies) spy.mockRestore();
  }
}

describe('bytes that a step keeps of a batch', () => {
  const model = tinyModel({ noise: 0.1, several: ['b'], shared: ['c'] });
  const data = tinySamples(24, 3, 0.4).map((sample, index) => {
    const { b } = sample as { readonly b?: readonly number[] };
    return { ...sample, ...(b && { b: index % 2 ? [b] : [b, b] }) };
  });

  it('are those that the backend holds before it goes backward, for each kind, length and number of rows', async () => {
    const prepared = await Promise.all(
      data.map((sample, index) => model.prepare(sample, undefined, `sample ${index}`)),
    );
    const examples = new KindExamples();
    for (const sample of prepared) examples.see(sample, sampleShape(model, sample));
    const options = { parameters: assignGroups(model, [], { learningRate: 1, weightDecay: 0 }), lossWeights: {}, key };
    const kept = new KeptBytes(model, examples, { ...options, rematerialize: false });
    const kinds = new Map<string, PreparedSample[]>();
    for (const sample of prepared) {
      const kind = JSON.stringify(sampleShape(model, sample));
      kinds.set(kind, [...(kinds.get(kind) ?? []), sample]);
    }
    const differences = [...kinds.values()].filter((own) => own.length > 1).flatMap((own) => [own.slice(0, 1), own]);
    expect(differences.length).toBeGreaterThan(3);
    const more = differences.map((own) => {
      const shape = sampleShape(model, own[0]);
      return heldByBackend(model, own) - kept.of(own.length, shape, modalitiesOf(shape), ownLengths(shape));
    });
    // two scalars more: the loss, and where its gradient begins
    expect(more).toEqual(more.map(() => 8));
  });

  it('bound every batch of a training, of which there are no more than it takes', async () => {
    const own = tinyModel({ noise: 0.1, modalities: ['a', 'b'] });
    const made: PreparedSample[][] = [];
    const collate = own.collate.bind(own);
    vi.spyOn(own, 'collate').mockImplementation((rows) => {
      if (Object.keys(rows[0].targets).length > 0) made.push([...rows]); // of what is learned
      return collate(rows);
    });
    const bytes = 8_000;
    const { steps } = await train(own, {
      data: tinySamples(40, 5, 0.5, ['a', 'b']),
      batchSize: { bytes },
      epochs: 1,
      progress: false,
    });
    vi.restoreAllMocks();
    const batches = made.slice(-steps); // behind those by which was tried what is kept
    const kinds = new Map<string, PreparedSample[][]>();
    for (const rows of batches) {
      const kind = JSON.stringify([Object.keys(rows[0].features), rows[0].lengths]);
      kinds.set(kind, [...(kinds.get(kind) ?? []), rows]);
    }
    for (const cut of kinds.values()) {
      const rows = cut.flat();
      let most = 1;
      while (most < rows.length && heldByBackend(own, rows.slice(0, most + 1)) <= bytes + 8) most++;
      for (const batch of cut) expect(batch.length).toBeLessThanOrEqual(most);
      expect(cut).toHaveLength(Math.ceil(rows.length / most));
    }
    expect(kinds.size).toBeGreaterThan(2);
  });
});
