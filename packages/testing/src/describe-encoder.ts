import type { EncoderDefinition, EncoderSlot, Processor } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, it } from 'vitest';
import type { z } from 'zod';
import { withoutDocuments } from './cases/document-rows';
import { type EncoderCase, type EncoderConformance, encoderCase } from './cases/encoder-case';
import { documentsAreEncodedAlone } from './checks/documents-are-encoded-alone';
import { equalValuesAreEncodedOnce } from './checks/equal-values-are-encoded-once';
import { excludedValuesCannotLeak, withoutExcluded } from './checks/excluded-values-cannot-leak';
import { foreignTokensAreTaken, takesForeignTokens } from './checks/foreign-tokens-are-taken';
import { paddingCannotLeak, withoutPadding } from './checks/padding-cannot-leak';
import { parametersSayTheirLayer } from './checks/parameters-say-their-layer';
import { rowsAreIndependent } from './checks/rows-are-independent';
import { severalValuesEqualAlone, takesOneValue } from './checks/several-values-equal-alone';
import { stepsMakeTheEncoding } from './checks/steps-make-the-encoding';
import { countsTokens, tokensAreCounted } from './checks/tokens-are-counted';
import { tokensKeepTheirShapes } from './checks/tokens-keep-their-shapes';
import { describeModule } from './describe-module';
import { describeProcessor } from './describe-processor';
import { itApplies } from './it-applies';

/**
 * Registers tests of everything that an encoder and its processor must keep to work with every fusion, head and trainer.
 *
 * ```ts
 * describeEncoder(imuConv, { sample: (key) => key.normal(3 * key.integer(20, 60)), config: { numHiddenLayers: 2 } });
 * ```
 */
export function describeEncoder<Schema extends z.ZodObject, ProcessorSchema extends z.ZodObject, P extends Processor>(
  definition: EncoderDefinition<string, Schema, ProcessorSchema, P>,
  conformance: EncoderConformance<
    Omit<EncoderSlot<EncoderDefinition<string, Schema, ProcessorSchema>>, 'use' | 'several' | 'shared'>
  >,
): void {
  const general = definition as unknown as EncoderDefinition;
  describe(`encoder "${definition.name}"`, () => {
    let subject: EncoderCase;
    beforeAll(async () => {
      await tf.ready();
      subject = await encoderCase(general, conformance as EncoderConformance);
    });

    it('turns P rows into tokens (P, N, D), a mask (P, N), pooled (P, D) and the same rows', () =>
      tokensKeepTheirShapes(subject));
    itApplies(
      'says of the features of a row how many tokens take part',
      () => (countsTokens(subject) ? undefined : 'it has no tokenCount(): a fusion that splices takes no such encoder'),
      () => tokensAreCounted(subject),
    );
    it('gives step by step what it gives at once', () => stepsMakeTheEncoding(subject));
    it('says in which of its layers each parameter is', () => parametersSayTheirLayer(subject));
    itApplies(
      'takes tokens that it did not embed through its layers',
      () => (takesForeignTokens(subject) ? undefined : 'it has no adopt(): its layers take no tokens but its own'),
      () => foreignTokensAreTaken(subject),
    );
    it('encodes a row in a batch as it encodes it alone, in any order', () => rowsAreIndependent(subject));
    itApplies(
      'encodes each of several values of a row as it encodes it alone',
      () => (takesOneValue(subject) ? undefined : 'it takes several values already'),
      () => severalValuesEqualAlone(subject, general),
    );
    itApplies(
      'encodes equal values of a batch once as it encodes each',
      () => (takesOneValue(subject) ? undefined : 'its slot says already how values make rows'),
      () => equalValuesAreEncodedOnce(subject, general),
    );
    itApplies(
      'lets nothing that stands in padding reach an output or a gradient',
      () => withoutPadding(subject),
      () => paddingCannotLeak(subject),
    );
    itApplies(
      'lets nothing that a mask excludes reach an output or a gradient',
      () => withoutExcluded(subject),
      () => excludedValuesCannotLeak(subject),
    );
    itApplies(
      'encodes documents and other values in a batch as it encodes each alone',
      () => withoutDocuments(subject.processor),
      () => documentsAreEncodedAlone(subject),
    );
    describeModule(() => subject);
    describeProcessor(general.processor, processorPart(general, conformance as EncoderConformance));
  });
}

/** The processor's part of the slot's config. */
function processorPart({ processor }: EncoderDefinition, conformance: EncoderConformance): EncoderConformance {
  const keys = Object.keys(processor.config.shape);
  const config = Object.entries(conformance.config ?? {}).filter(([key]) => keys.includes(key));
  return { ...conformance, config: Object.fromEntries(config) };
}
