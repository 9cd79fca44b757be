import type { Head, HeadDefinition, HeadSlot, Processor } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, it } from 'vitest';
import type { z } from 'zod';
import { type HeadCase, type HeadConformance, headCase } from './cases/head-case';
import type { ProcessorConformance } from './cases/processor-case';
import { calibrationIsOfAnswers } from './checks/calibration-is-of-answers';
import { lossIsAFiniteScalar } from './checks/loss-is-a-finite-scalar';
import { lossesAddUpOverBatches } from './checks/losses-add-up-over-batches';
import { metricsAreFinite } from './checks/metrics-are-finite';
import { onePredictionARow } from './checks/one-prediction-a-row';
import { piecesAreOfTheRows } from './checks/pieces-are-of-the-rows';
import { predictionsLeakNoTensor } from './checks/predictions-leak-no-tensor';
import { requirementsSuffice } from './checks/requirements-suffice';
import { rowsWithoutTargetDoNotCount } from './checks/rows-without-target-do-not-count';
import { slotsReadSuffice } from './checks/slots-read-suffice';
import { targetsAreSummedAsTensors } from './checks/targets-are-summed-as-tensors';
import { withoutTargetsNoLoss } from './checks/without-targets-no-loss';
import { describeModule } from './describe-module';
import { describeProcessor } from './describe-processor';
import { itApplies } from './it-applies';

/**
 * Registers tests of everything that a head must keep to work with every fusion and trainer, over reference encoders for
 * three modalities and a reference fusion.
 *
 * ```ts
 * describeHead(classification, {
 *   config: { labels: ['cat', 'dog'] },
 *   targets: (key) => ({ subject: key.integer(0, 2) }),
 * });
 * ```
 *
 * A head that others may feed gets a case with a `parent` too.
 */
export function describeHead<
  Schema extends z.ZodObject,
  H extends Head,
  TargetSchema extends z.ZodObject,
  P extends Processor,
>(
  definition: HeadDefinition<string, Schema, H, TargetSchema, P>,
  conformance: HeadConformance<Omit<HeadSlot<HeadDefinition<string, Schema, H, TargetSchema, P>>, 'use' | 'input'>>,
): void {
  const [general, how] = [definition as unknown as HeadDefinition, conformance as unknown as HeadConformance];
  describe(`head "${definition.name}"${how.parent ? `, fed by "${how.parent.definition.name}"` : ''}`, () => {
    let subject: HeadCase;
    beforeAll(async () => {
      await tf.ready();
      subject = await headCase(general, how);
    });

    it('has a loss that is one finite number', () => lossIsAFiniteScalar(subject));
    itApplies(
      'sums its loss from tensors',
      () => (subject.hasTargets ? undefined : 'the case draws no targets'),
      () => targetsAreSummedAsTensors(subject),
    );
    const canDoWithout = () => {
      if (!subject.hasTargets) return 'the case draws no targets';
      return subject.needsTarget ? undefined : 'the head can do without a target';
    };
    itApplies('has no loss where no row has a target', canDoWithout, () => withoutTargetsNoLoss(subject));
    itApplies('learns nothing from rows without target', canDoWithout, () => rowsWithoutTargetDoNotCount(subject));
    if (how.targets && general.target) describeProcessor(general.target, targetConformance(general, how));
    const cannotAddUp = () => {
      if (subject.draws) return 'the head draws what it learns for each batch';
      return subject.joinsRows ? undefined : 'the head compares the rows of one batch alone';
    };
    itApplies('has losses of several batches as of one large batch', cannotAddUp, () =>
      lossesAddUpOverBatches(subject),
    );
    it('answers for each row in order, as it answers for the row alone', () => onePredictionARow(subject));
    itApplies(
      'tells pieces of the answer for each row as for the row alone',
      () => (subject.produces ? undefined : 'the head answers at once'),
      () => piecesAreOfTheRows(subject),
    );
    it('leaves no tensor behind when it predicts', () => predictionsLeakNoTensor(subject));
    it('answers wherever its requirements are met, and only there', () => requirementsSuffice(subject));
    itApplies(
      'needs of a fused batch no more than the slots that it says it reads',
      () => (subject.readsSlots ? undefined : 'it may depend on all slots'),
      () => slotsReadSuffice(subject),
    );
    itApplies(
      'reports finite figures',
      () => (subject.hasFigures ? undefined : 'the head reports none'),
      () => metricsAreFinite(subject),
    );
    itApplies(
      'fits to validation data how its answers are read, and nothing else',
      () => (subject.calibrates ? undefined : 'the head has no calibrate()'),
      () => calibrationIsOfAnswers(subject),
    );
    describeModule(() => subject);
  });
}

/** The target's part of the case: what the processor is tried on are the values that the targets hold. */
function targetConformance(
  definition: HeadDefinition,
  { config = {}, targets, target = {}, codec, name = 'subject' }: HeadConformance,
): ProcessorConformance {
  const keys = Object.keys(definition.target?.config.shape ?? {});
  const own = Object.entries(config).filter(([key]) => keys.includes(key));
  const from = (config.target as string | undefined) ?? name;
  return { ...target, ...(codec && { codec }), sample: (key) => targets?.(key)[from], config: Object.fromEntries(own) };
}
