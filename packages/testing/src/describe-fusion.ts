import type { FusionDefinition } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, it } from 'vitest';
import type { z } from 'zod';
import { type FusionCase, type FusionConformance, fusionCase } from './cases/fusion-case';
import { addedModalityIsIdentity } from './checks/added-modality-is-identity';
import { encodersLearnThroughFusion } from './checks/encoders-learn-through-fusion';
import { encodersMayHaveOtherWidths } from './checks/encoders-may-have-other-widths';
import { encodingsStayUntouched } from './checks/encodings-stay-untouched';
import { everySubsetWorks } from './checks/every-subset-works';
import { maskedTokensCannotLeak } from './checks/masked-tokens-cannot-leak';
import { mixedRowsEqualRowsAlone } from './checks/mixed-rows-equal-rows-alone';
import { otherRowsCannotLeak } from './checks/other-rows-cannot-leak';
import { rowsWithoutModalityAreRefused } from './checks/rows-without-modality-are-refused';
import { describeModule } from './describe-module';

/**
 * Registers tests of everything that a fusion must keep to work with every encoder, head and trainer, over reference
 * encoders for three modalities.
 *
 * ```ts
 * describeFusion(maskedTransformer, { config: { numHiddenLayers: 1, numAttentionHeads: 2 } });
 * ```
 */
export function describeFusion<Schema extends z.ZodObject>(
  definition: FusionDefinition<string, Schema>,
  conformance: FusionConformance<z.input<Schema>> = {},
): void {
  describe(`fusion "${definition.name}"`, () => {
    let subject: FusionCase;
    beforeAll(async () => {
      await tf.ready();
      subject = await fusionCase(definition as unknown as FusionDefinition, conformance as FusionConformance);
    });

    it('fuses every subset of modalities, alone and mixed in one batch', () => everySubsetWorks(subject));
    it('refuses a row without any modality', () => rowsWithoutModalityAreRefused(subject));
    it('fuses a row in a mixed batch as it fuses it alone, in any order', () => mixedRowsEqualRowsAlone(subject));
    it('lets nothing of a row reach another row', () => otherRowsCannotLeak(subject));
    it('lets nothing that stands in masked tokens reach an output or a gradient', () =>
      maskedTokensCannotLeak(subject));
    it('leaves what each encoder made as it was', () => encodingsStayUntouched(subject));
    it('passes a gradient on to every encoder', () => encodersLearnThroughFusion(subject));
    it('joins encoders of another width, or refuses them', () => encodersMayHaveOtherWidths(subject));
    const { gatedModality } = conformance;
    if (gatedModality !== undefined) {
      it(`is at first the same with ${gatedModality} as without`, () =>
        addedModalityIsIdentity(subject, gatedModality));
    }
    describeModule(() => subject);
  });
}
