import type { HeadDefinition } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, it } from 'vitest';
import type { z } from 'zod';
import { type HeadCase, type HeadConformance, headCase } from './cases/head-case';
import { lossIsAFiniteScalar } from './checks/loss-is-a-finite-scalar';
import { metricsAreFinite } from './checks/metrics-are-finite';
import { onePredictionARow } from './checks/one-prediction-a-row';
import { predictionsLeakNoTensor } from './checks/predictions-leak-no-tensor';
import { requirementsSuffice } from './checks/requirements-suffice';
import { rowsWithoutTargetDoNotCount } from './checks/rows-without-target-do-not-count';
import { targetsAreThoseDeclared } from './checks/targets-are-those-declared';
import { withoutTargetsNoLoss } from './checks/without-targets-no-loss';
import { describeModule } from './describe-module';

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
 */
export function describeHead<Schema extends z.ZodObject>(
  definition: HeadDefinition<string, Schema>,
  conformance: HeadConformance<z.input<Schema>>,
): void {
  describe(`head "${definition.name}"`, () => {
    let subject: HeadCase;
    beforeAll(async () => {
      await tf.ready();
      subject = await headCase(definition as unknown as HeadDefinition, conformance as HeadConformance);
    });

    it('has a loss that is one finite number', () => lossIsAFiniteScalar(subject));
    if (conformance.targets) {
      it('takes the targets that it says it reads', () => targetsAreThoseDeclared(subject));
      it('has no loss where no row has a target', () => withoutTargetsNoLoss(subject));
      it('learns nothing from rows without target', () => rowsWithoutTargetDoNotCount(subject));
    }
    it('answers for each row in order, as it answers for the row alone', () => onePredictionARow(subject));
    it('leaves no tensor behind when it predicts', () => predictionsLeakNoTensor(subject));
    it('answers wherever its requirements are met, and only there', () => requirementsSuffice(subject));
    it('reports finite figures', () => metricsAreFinite(subject));
    describeModule(() => subject);
  });
}
