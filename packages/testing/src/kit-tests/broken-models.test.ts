import { createRegistry, defineEncoder, definePlugin, type Model, type Sample } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ModelCase, modelCase } from '../cases/model-case';
import { everyPartOfTheModelLearns } from '../checks/every-part-of-the-model-learns';
import { modelAnswersEverySubset } from '../checks/model-answers-every-subset';
import { modelAnswersSamplesInOrder } from '../checks/model-answers-samples-in-order';
import { modelFreesItsTensors } from '../checks/model-frees-its-tensors';
import { sameConfigSameModel } from '../checks/same-config-same-model';
import { samplesWithoutModalityAreRefused } from '../checks/samples-without-modality-are-refused';
import { savingKeepsTheModel } from '../checks/saving-keeps-the-model';
import { randomSignal } from '../doubles/random-signal';
import { ReferenceEncoder, referenceEncoder } from '../doubles/reference-encoder';
import { referencePlugin } from '../doubles/reference-plugin';
import { complaint } from './complaint';

let made = 0;

/** Holds a number beside its parameters that no config or file knows. */
const forgetful = defineEncoder({
  ...referenceEncoder('forgetful', 'signal'),
  create: (options, { hiddenSize }) => {
    const scale = ++made;
    class Changed extends ReferenceEncoder {
      override embed(...input: Parameters<ReferenceEncoder['embed']>) {
        const tokens = super.embed(...input);
        return { ...tokens, tokens: tf.mul(tokens.tokens, scale) as tf.Tensor3D };
      }
    }
    return new Changed(options, hiddenSize);
  },
});
const plugin = definePlugin({ name: 'broken', specificationVersion: 'v1', encoders: [forgetful] });

function caseOf(encoder: string): Promise<ModelCase> {
  const slots = ['image', 'text'].map((slot) => [slot, { use: encoder }]);
  return modelCase('broken', {
    registry: createRegistry([referencePlugin, plugin]),
    config: {
      hiddenSize: 4,
      encoders: Object.fromEntries(slots),
      fusion: { use: 'reference' },
      heads: { size: { use: 'reference' } },
    },
    sample: (key) => ({ image: randomSignal(key.fold(0)), text: randomSignal(key.fold(1)), targets: { size: 1 } }),
  });
}

/** A case whose models predict in another way. */
function predicting(
  subject: ModelCase,
  change: (answers: object[], samples: readonly Sample[]) => object[],
): ModelCase {
  const compose = (seed?: number): Model => {
    const model = subject.compose(seed);
    const predict = model.predict.bind(model);
    return Object.assign(model, {
      predict: async (samples: readonly Sample[]) => change(await predict(samples).catch(() => [{}]), samples),
    });
  };
  return { ...subject, compose };
}

describe('the kit finds a model', () => {
  let sound: ModelCase;
  beforeAll(async () => {
    sound = await caseOf('reference');
  });

  it('that has no answer for some samples', async () => {
    const subject = predicting(sound, (answers) => answers.map((answer, index) => (index === 1 ? {} : answer)));
    expect(await complaint(() => modelAnswersEverySubset(subject))).toContain('expected the answer of a head');
  });

  it('whose answers are not finite', async () => {
    const subject = predicting(sound, (answers) => answers.map(() => ({ size: Number.NaN })));
    expect(await complaint(() => modelAnswersEverySubset(subject))).toContain('.size: expected a finite number');
  });

  it('that answers in another order', async () => {
    const subject = predicting(sound, (answers) => answers.reverse());
    expect(await complaint(() => modelAnswersSamplesInOrder(subject))).toContain('against it alone, among others');
  });

  it('that answers a sample without modality', async () => {
    const subject = predicting(sound, (answers) => answers);
    expect(await complaint(() => samplesWithoutModalityAreRefused(subject))).toContain('a SampleError about sample 1');
  });

  it('whose config does not tell all of it', async () => {
    const subject = await caseOf('forgetful');
    expect(await complaint(() => sameConfigSameModel(subject))).toContain('composed twice');
  });

  it('that saves less than it is', async () => {
    const subject = await caseOf('forgetful');
    expect(await complaint(() => savingKeepsTheModel(subject))).toContain('saved and loaded again');
  });

  it('that takes no notice of its seed', async () => {
    const subject = { ...sound, compose: () => sound.compose(1) };
    expect(await complaint(() => sameConfigSameModel(subject))).toContain('other parameters for another seed');
  });

  it('with a part that no loss reaches', async () => {
    const unlearnable = { ...sound, samples: sound.samples.filter((sample) => !('text' in sample)) };
    expect(await complaint(() => everyPartOfTheModelLearns(unlearnable))).toContain('none for encoders.text');
  });

  it('that leaves tensors when it predicts', async () => {
    const subject = predicting(sound, (answers) => {
      tf.ones([1]);
      return answers;
    });
    expect(await complaint(() => modelFreesItsTensors(subject))).toContain('two calls of predict(), received 2');
  });
});
