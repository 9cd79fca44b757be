import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ConfigError, type Model } from '@polymodal/core';
import { firstDifference } from './first-difference';

/** The SHA-256 of each parameter's values, by its path. */
export type WeightChecksums = Readonly<Record<string, string>>;

/** The weights that a run begins with, or began with. */
export interface StartingWeights {
  readonly checksums: WeightChecksums;
  /** Whether the model has learned since: then the run goes on from a checkpoint or not at all. */
  readonly hasLearned: boolean;
}

/** What models of this process began runs with: training has changed them, and the same call goes on with the run all the same. */
const begun = new WeakMap<Model, WeightChecksums[]>();

/**
 * The weights that a model begins a run with.
 *
 * @param directory the folder of the run
 * @param saved     those that the run in it began with, if it is to be gone on with
 * @throws ConfigError naming the first parameter that differs from them
 */
export async function startingWeights(
  model: Model,
  directory: string,
  saved: WeightChecksums | undefined,
): Promise<StartingWeights> {
  const checksums = await weightChecksums(model);
  const difference = saved && firstDifference(saved, checksums);
  if (!difference) {
    begun.set(model, [...(begun.get(model) ?? []), checksums]);
    return { checksums, hasLearned: false };
  }
  if (begun.get(model)?.some((own) => isDeepStrictEqual(own, saved))) return { checksums: saved, hasLearned: true };
  throw otherWeights(difference.path, directory);
}

async function weightChecksums(model: Model): Promise<WeightChecksums> {
  const checksums: Record<string, string> = {};
  for (const [path, parameter] of model.parameters()) {
    const { buffer, byteOffset, byteLength } = await parameter.viewValues();
    checksums[path] = createHash('sha256')
      .update(new Uint8Array(buffer, byteOffset, byteLength))
      .digest('hex');
  }
  return checksums;
}

function otherWeights(path: string, directory: string): ConfigError {
  return new ConfigError({
    where: path,
    expected: `the values that the run in ${directory} began with`,
    received: 'others',
    hint:
      'Give a model with the same starting weights to go on with the run: what it has learned since is in its checkpoints. ' +
      'Name another directory for another run, or give resume: false to replace it.',
  });
}
