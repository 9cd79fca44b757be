import { PolymodalError } from './errors';
import type { Encoders, Fusion } from './fusion';
import type { HeadTargets } from './head-target';
import type { HeadTree } from './head-tree';
import { askPart } from './part/ask-part';
import { checkHeadSample } from './part/run-head';
import type { HeadOptions } from './predict/head-answers';
import type { PreparedSample } from './prepared-sample';
import { fulfils } from './requirements';

/** The parts of a model that may have too few positions for a sample. */
export interface LengthParts {
  readonly encoders: Encoders;
  readonly fusion: Fusion;
  readonly targets: HeadTargets;
  readonly tree: HeadTree;
}

/**
 * Makes sure that the fusion of a model, and the heads that run on a sample, can take it as long as it is, before anything is computed.
 *
 * @param where   how error messages call the sample
 * @param options of the heads that are asked, at a prediction; otherwise it is about what all of them learn
 * @throws SampleError
 */
export function checkLengths(
  { encoders, fusion, targets, tree }: LengthParts,
  { features, targets: wanted }: PreparedSample,
  where: string,
  options?: HeadOptions,
): void {
  const present = Object.keys(features);
  if (!fulfils(fusion.requires, present)) return; // no head runs on it
  const tokenCount = saidOf(where, () =>
    askPart('fusion', 'tokenCount()', () => fusion.tokenCount?.(encoders, features)),
  );
  for (const name of Object.keys(options ?? tree.heads)) {
    if (!tree.canRun(name, present)) continue;
    const place = options ? `head "${name}"` : `targets.${targets[name]?.name ?? name}`;
    saidOf(`${where}, ${place}`, () =>
      checkHeadSample(tree.named(name), { features, target: wanted[name], tokenCount }, options?.[name]),
    );
  }
}

function saidOf<T>(where: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!PolymodalError.isInstance(error)) throw error;
    throw error.at(error.where === undefined ? where : `${where}, ${error.where}`);
  }
}
