import type { FusedPart, FusionDefinition } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, it } from 'vitest';
import type { z } from 'zod';
import { type FusionCase, type FusionConformance, fusionCase } from './cases/fusion-case';
import { slotForSeveral } from './cases/fusion-of-several';
import { addedModalityIsIdentity, gatedSlots } from './checks/added-modality-is-identity';
import { attentionIsShares, tellsAttention } from './checks/attention-is-shares';
import { documentsAreFusedAlone } from './checks/documents-are-fused-alone';
import { encodersLearnThroughFusion } from './checks/encoders-learn-through-fusion';
import { encodersMayHaveOtherWidths } from './checks/encoders-may-have-other-widths';
import { encodingsMayBeGiven, wholeSlots } from './checks/encodings-may-be-given';
import { encodingsStayUntouched } from './checks/encodings-stay-untouched';
import { equalValuesAreFusedAlone } from './checks/equal-values-are-fused-alone';
import { everySubsetWorks } from './checks/every-subset-works';
import { countsFusedTokens, fusedTokensAreCounted } from './checks/fused-tokens-are-counted';
import { maskedTokensCannotLeak } from './checks/masked-tokens-cannot-leak';
import { mixedRowsEqualRowsAlone } from './checks/mixed-rows-equal-rows-alone';
import { modalitiesAloneTrain } from './checks/modalities-alone-train';
import { otherRowsCannotLeak } from './checks/other-rows-cannot-leak';
import { ownersAreTheSlotsOfTheRow } from './checks/owners-are-the-slots-of-the-row';
import { rowsWithoutModalityAreRefused } from './checks/rows-without-modality-are-refused';
import { severalValuesAreFusedAlone } from './checks/several-values-are-fused-alone';
import { beginsAlone, startsMayBeKept } from './checks/starts-may-be-kept';
import { describeModule } from './describe-module';
import { itApplies } from './it-applies';

/**
 * Registers tests of everything that a fusion must keep to work with every encoder, head and trainer, over reference
 * encoders for three modalities: whatever it offers of a fused batch is checked, and what does not apply is printed.
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

    const noneForSeveral = () =>
      slotForSeveral(subject) === undefined ? 'every slot has an encoder of its own' : undefined;
    const lacks = (part: FusedPart) => (subject.offers.includes(part) ? undefined : `the fusion offers no "${part}"`);

    it('fuses every subset of modalities, alone and mixed in one batch', () => everySubsetWorks(subject));
    it('refuses a row without any modality', () => rowsWithoutModalityAreRefused(subject));
    it('fuses a row in a mixed batch as it fuses it alone, in any order', () => mixedRowsEqualRowsAlone(subject));
    itApplies('fuses rows with no, one and several values of a modality as it fuses them alone', noneForSeveral, () =>
      severalValuesAreFusedAlone(subject, definition as unknown as FusionDefinition),
    );
    itApplies(
      'fuses documents with no, one and several values of a modality as it fuses them alone',
      noneForSeveral,
      () => documentsAreFusedAlone(subject, definition as unknown as FusionDefinition),
    );
    itApplies('fuses rows that share what is encoded as it fuses them alone', noneForSeveral, () =>
      equalValuesAreFusedAlone(subject, definition as unknown as FusionDefinition),
    );
    it('lets nothing of a row reach another row', () => otherRowsCannotLeak(subject));
    it('lets nothing that stands in masked tokens reach an output or a gradient', () =>
      maskedTokensCannotLeak(subject));
    itApplies(
      'leaves what each encoder made as it was',
      () => lacks('encoded'),
      () => encodingsStayUntouched(subject),
    );
    itApplies(
      'fuses what an encoder gave beforehand as what it gives in the pass',
      () => (wholeSlots(subject).length > 0 ? undefined : 'it works before or between the layers of encoders'),
      () => encodingsMayBeGiven(subject),
    );
    itApplies(
      'goes on from what it made of a slot alone, where that is kept, as if it made it again',
      () => (beginsAlone(subject) ? undefined : 'it makes nothing of one slot before others have a part in it'),
      () => startsMayBeKept(subject),
    );
    it('passes a gradient on to every encoder', () => encodersLearnThroughFusion(subject));
    it('trains on a batch with one modality alone', () => modalitiesAloneTrain(subject));
    it('joins encoders of another width, or refuses them', () => encodersMayHaveOtherWidths(subject));
    itApplies(
      'is at first the same with a modality behind a gate as without',
      () => lacks('gates'),
      async () => {
        for (const slot of gatedSlots(subject)) await addedModalityIsIdentity(subject, slot);
      },
    );
    itApplies(
      'tells of each token which slot it came from',
      () => lacks('owner'),
      () => ownersAreTheSlotsOfTheRow(subject),
    );
    itApplies(
      'tells of its attention in shares, as of the row alone',
      () => (tellsAttention(subject) ? undefined : 'the fusion tells no attention'),
      () => attentionIsShares(subject),
    );
    itApplies(
      'says how many tokens of a sample take part before they are fused',
      () => (countsFusedTokens(subject) ? undefined : 'it has no tokenCount(), for heads that write behind'),
      () => fusedTokensAreCounted(subject),
    );
    describeModule(() => subject);
  });
}
