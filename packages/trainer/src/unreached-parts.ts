import {
  type Batch,
  type Model,
  type Module,
  type PreparedSample,
  RandomKey,
  trainingContext,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { sumsOf } from './loss-gradients';

/**
 * Parts of a model that no head reads: `fusion` behind heads that go by the encoders' own tokens, an encoder whose slot a fusion leaves alone. They
 * learn nothing and change no answer. It follows from how losses are computed, of which a backend that puts operations off computes nothing.
 *
 * ```ts
 * const samples = await Promise.all(data.map((sample, index) => model.prepare(sample, undefined, `sample ${index}`)));
 * console.log(unreachedParts(model, [samples]));
 * ```
 *
 * @param batches samples that may share a batch, with their targets: some of each combination of modalities
 * @returns paths; none of slots and heads that do not occur in the samples
 */
export function unreachedParts(model: Model, batches: Iterable<readonly PreparedSample[]>): string[] {
  const left = new Map(partsOf(model));
  const [slots, heads] = [new Set<string>(), new Set<string>()];
  const key = RandomKey.from(0);
  for (const samples of batches) {
    const host = model.drawTargets(model.collate(samples), key);
    for (const slot of Object.keys(host.modalities)) slots.add(`encoders.${slot}`);
    const reached = new Set<number>();
    tf.tidy(() => addReached(reached, heads, model, uploadBatch(host), key));
    for (const [path, ids] of left) if (ids.some((id) => reached.has(id))) left.delete(path);
    if (left.size === 0) break;
  }
  return [...left.keys()].filter((path) => path === 'fusion' || slots.has(path) || heads.has(path));
}

/** Of each part that has parameters: their ids. */
function partsOf({ encoders, fusion, heads }: Model): [path: string, ids: readonly number[]][] {
  const parts: [string, Module][] = [
    ...Object.entries(encoders).map(([slot, own]): [string, Module] => [`encoders.${slot}`, own]),
    ['fusion', fusion],
    ...Object.entries(heads).map(([name, own]): [string, Module] => [`heads.${name}`, own]),
  ];
  return parts.flatMap(([path, part]) => {
    const ids = [...part.parameters().values()].map(({ value }) => value.id);
    return ids.length > 0 ? [[path, ids]] : [];
  });
}

/** Adds by their ids what losses of a batch are computed from, and the heads that have one. */
function addReached(reached: Set<number>, heads: Set<string>, model: Model, batch: Batch, key: RandomKey): void {
  const engine = tf.engine();
  try {
    engine.gradients(
      () => {
        const losses = model.losses(batch, trainingContext(key, model));
        for (const head of Object.keys(losses)) heads.add(`heads.${head}`);
        for (const { id } of sumsOf(losses)) reached.add(id);
        for (const { inputs, outputs } of engine.state.activeTape.toReversed()) {
          if (!outputs.some(({ id }) => reached.has(id))) continue;
          for (const input of Object.values(inputs)) if (input) reached.add(input.id);
        }
        throw new Walked();
      },
      [...model.parameters().values()].map(({ value }) => value),
      undefined,
      true,
    );
  } catch (error) {
    if (!(error instanceof Walked)) throw error;
  } finally {
    for (const { saved } of engine.state.activeTape ?? []) tf.dispose(saved ?? []);
    engine.state.activeTape = [];
  }
}

/** Leaves the gradient computation before gradients are made. */
class Walked extends Error {}
