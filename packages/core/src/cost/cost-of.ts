import { disposeBatch, uploadBatch } from '../batch';
import { inferenceContext } from '../context';
import type { Model } from '../model';
import type { Module } from '../module';
import type { Sample } from '../sample';
import { multiplyAddsOf } from './multiply-adds';

/** What {@link costOf} counts. */
export interface ModelCost {
  /** Parameters of each part, under its path in the model: `encoders.photo`, `fusion`, `heads.ripe`. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Of the forward pass, as {@link multiplyAddsOf} counts them. */
  readonly multiplyAdds: number;
}

/**
 * What a model costs: its parameters, and the multiplications with an addition that one batch of samples takes, from the encoders to
 * the heads. Both follow from sizes alone, so that a model need not be trained.
 *
 * ```ts
 * const { parameters, multiplyAdds } = await costOf(model, [{ photo, note }]);
 * console.log(parameters.fusion, multiplyAdds);
 * ```
 *
 * @param samples of one batch: shorter ones are padded to the longest, which counts
 * @param options the heads that are asked: what none of them needs does not run. By default all that can answer
 * @throws SampleError for a sample that the model cannot read
 * @throws UnknownNameError, MissingModalityError for a head that there is not, or that cannot answer a sample
 */
export async function costOf(
  model: Model,
  samples: readonly Sample[],
  { heads }: { readonly heads?: readonly string[] } = {},
): Promise<ModelCost> {
  const prepared = await Promise.all(
    samples.map((sample, index) => model.prepare(sample, undefined, `sample ${index}`)),
  );
  const batch = uploadBatch(model.collate(prepared));
  try {
    const multiplyAdds = await multiplyAddsOf(() => model.forward(batch, inferenceContext(), heads));
    return { parameters: parametersByPart(model), multiplyAdds };
  } finally {
    disposeBatch(batch);
  }
}

function parametersByPart({ encoders, fusion, heads }: Model): Record<string, number> {
  const parts: [path: string, part: Module][] = [
    ...Object.entries(encoders).map(([slot, encoder]): [string, Module] => [`encoders.${slot}`, encoder]),
    ['fusion', fusion],
    ...Object.entries(heads).map(([name, head]): [string, Module] => [`heads.${name}`, head]),
  ];
  return Object.fromEntries(
    parts.map(([path, part]) => [path, [...part.parameters().values()].reduce((sum, { size }) => sum + size, 0)]),
  );
}
