import type { Processor, TargetDefinition } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, it } from 'vitest';
import type { z } from 'zod';
import { withoutDocuments } from './cases/document-rows';
import { type ProcessorCase, type ProcessorConformance, processorCase } from './cases/processor-case';
import { badRawValuesAreRefused } from './checks/bad-raw-values-are-refused';
import { collatePadsConsistently } from './checks/collate-pads-consistently';
import { documentsHaveTheirPlaces } from './checks/documents-have-their-places';
import { featuresArePlainData } from './checks/features-are-plain-data';
import { learningIsKept, learns } from './checks/learning-is-kept';
import { lengthsSayTheShape } from './checks/lengths-say-the-shape';
import { piecesAreValues, withoutPieces } from './checks/pieces-are-values';
import { processorsMakeNoTensor } from './checks/processors-make-no-tensor';
import { processorsSurviveSaving } from './checks/processors-survive-saving';
import { sameRawSameFeatures } from './checks/same-raw-same-features';
import { itApplies } from './it-applies';

/**
 * Registers tests of everything that a processor must keep. `describeEncoder` includes them for its own processor.
 *
 * ```ts
 * describeProcessor(readings, { sample: (key) => key.normal(12), invalid: ['walk.csv'] });
 * ```
 */
export function describeProcessor<Schema extends z.ZodObject, P extends Processor>(
  definition: TargetDefinition<Schema, P>,
  conformance: ProcessorConformance<z.input<Schema>>,
): void {
  describe('processor', () => {
    let subject: ProcessorCase;
    beforeAll(async () => {
      await tf.ready();
      subject = await processorCase(definition as unknown as TargetDefinition, conformance as ProcessorConformance);
    });

    it('makes features that are plain data of one form', () => featuresArePlainData(subject));
    it('makes the same features of the same raw value', () => sameRawSameFeatures(subject));
    it('collates rows in order, padded, with masks to match', () => collatePadsConsistently(subject));
    it('pads to the lengths that it is asked for, along the axes that it names', () => lengthsSayTheShape(subject));
    it('refuses raw values that it cannot read, with a SampleError', () => badRawValuesAreRefused(subject));
    it('makes no tensor', () => processorsMakeNoTensor(subject));
    it('is made again from the files that it saves', () => processorsSurviveSaving(subject));
    itApplies(
      'puts an element at each place of a document, and collates documents with other values',
      () => withoutDocuments(subject.processor),
      () => documentsHaveTheirPlaces(subject),
    );
    itApplies(
      'divides a value into values that are collated together, the same each time',
      () => withoutPieces(subject.processor),
      () => piecesAreValues(subject),
    );
    itApplies(
      'learns the same from the same values, keeps it in its files, and says when it has not learned',
      () => (learns(subject) ? undefined : 'it learns nothing from training data'),
      () => learningIsKept(subject),
    );
  });
}
