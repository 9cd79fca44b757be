import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, it } from 'vitest';
import { type ModelCase, type ModelConformance, modelCase } from './cases/model-case';
import { everyPartOfTheModelLearns } from './checks/every-part-of-the-model-learns';
import { modelAnswersEverySubset } from './checks/model-answers-every-subset';
import { modelAnswersSamplesInOrder } from './checks/model-answers-samples-in-order';
import { modelFreesItsTensors } from './checks/model-frees-its-tensors';
import { sameConfigSameModel } from './checks/same-config-same-model';
import { samplesWithoutModalityAreRefused } from './checks/samples-without-modality-are-refused';
import { savingKeepsTheModel } from './checks/saving-keeps-the-model';

/**
 * Registers tests of what a whole model must keep, composed of real parts.
 *
 * ```ts
 * describeModel('imu and text', { registry, config, sample: (key) => ({ imu: randomImu(key), text: 'walking' }) });
 * ```
 */
export function describeModel(name: string, conformance: ModelConformance): void {
  describe(`model "${name}"`, () => {
    let subject: ModelCase;
    beforeAll(async () => {
      await tf.ready();
      subject = await modelCase(name, conformance);
    });

    it('answers samples of every subset of its modalities in one call', () => modelAnswersEverySubset(subject));
    it('answers a sample among others as it answers it alone', () => modelAnswersSamplesInOrder(subject));
    it('refuses a sample without any of its modalities', () => samplesWithoutModalityAreRefused(subject));
    it('is the same to the bit for the same config', () => sameConfigSameModel(subject));
    it('is the same to the bit after being saved and loaded', () => savingKeepsTheModel(subject));
    it('learns in every part', () => everyPartOfTheModelLearns(subject));
    it('leaves no tensor behind', () => modelFreesItsTensors(subject));
  });
}
