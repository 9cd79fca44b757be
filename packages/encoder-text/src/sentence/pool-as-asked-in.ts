import { FileFormatError } from '@polymodal/core';
import type { SentenceEncoder, SentencePooling } from './sentence-encoder';
import { modulesName, sentenceModules } from './sentence-modules';

/**
 * Gives an encoder the pooling that `modules.json` beside the weights asks for, if there is one. Dense layers do not learn here.
 *
 * @throws FileFormatError where it asks for modules or poolings that are not known, or for a dense layer of another width
 */
export function poolAsAskedIn<E extends SentenceEncoder>(
  files: ReadonlyMap<string, Uint8Array> | undefined,
  encoder: E,
): E {
  const modules = files && sentenceModules(files);
  if (!modules) return encoder;
  checkWidths(modules, encoder.hiddenSize);
  encoder.poolBy(modules);
  return encoder;
}

function checkWidths({ pooling, steps }: SentencePooling, hiddenSize: number): void {
  let width = pooling.length * hiddenSize;
  for (const step of steps) {
    if (step === 'normalize') continue;
    if (step.inFeatures !== width) {
      throw new FileFormatError({
        where: modulesName,
        expected: `a dense layer for vectors of ${width} numbers`,
        received: `one with in_features ${step.inFeatures}`,
      });
    }
    width = step.outFeatures;
  }
}
