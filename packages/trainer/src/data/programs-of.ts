import { isOwnProgram, type Model } from '@polymodal/core';
import type { Programs } from './length-levels';
import { kindOf } from './sample-shape';
import type { StageSource } from './stage-batches';

/** For so few shapes whole steps are compiled: they run a little faster, and are replayed. */
const fewShapes = 4;

/**
 * What a backend that compiles makes programs of: each layer, where those of all encoders are large enough and batches come in more than a
 * few shapes. The same on every backend, so that a run has the same batches wherever it goes on.
 *
 * @param tokens of a batch
 * @param shapes in how many shapes batches come where whole steps are compiled; asked where layers are large enough
 */
export function programsOf({ encoders }: Model, tokens: number, shapes: () => number): Programs {
  const all = Object.values(encoders);
  const each = tokens / all.length;
  const areLarge = all.every(({ hiddenSize }) => isOwnProgram(each * hiddenSize, hiddenSize));
  return areLarge && shapes() > fewShapes ? 'layers' : 'steps';
}

/** In how many shapes the batches of the first epoch come. */
export function batchShapes(sources: readonly Pick<StageSource, 'store' | 'sampler'>[]): number {
  const shapes = sources.flatMap(({ store, sampler }) =>
    sampler.epoch(0).map((batch) => {
      const own = batch.indices.map((index) => store.shapes[index]);
      const kind = kindOf(own[0], batch.modalities);
      return JSON.stringify([own.length, kind, sampler.lengths(batch, own)]);
    }),
  );
  return new Set(shapes).size;
}
