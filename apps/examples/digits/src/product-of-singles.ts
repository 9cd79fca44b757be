import { modalitySubsets } from '@polymodal/core';
import { loadModel } from '@polymodal/core/node';
import { type Answers, answersOf, digitOf } from './answers';
import { calibrate } from './calibrate';
import { type DigitsData, modalities, type SampleList } from './data';
import type { Modality } from './digits-model';
import type { RivalFigures } from './figures';
import { measureContradiction } from './measure-contradiction';
import { registry } from './registry';
import { allDigits, toSample } from './samples';

/**
 * Measures the product of single models: p(digit | all) ∝ Π p(digit | modality), each calibrated on the validation data.
 *
 * Given the digit, the modalities of this example are independent, and all digits are equally frequent. So this is what
 * Bayes' rule makes of the single models (Hinton 2002 calls it a product of experts), and hard to beat.
 *
 * @param folders of the saved models
 */
export async function measureProduct(
  folders: Readonly<Record<Modality, string>>,
  data: DigitsData,
): Promise<RivalFigures> {
  const experts: Partial<Record<Modality, Answers>> = {};
  const models = await Promise.all(modalities.map((modality) => loadModel(registry, folders[modality])));
  try {
    for (const [index, modality] of modalities.entries()) {
      const answers = answersOf(models[index]);
      experts[modality] = await calibrate(answers, allDigits(data.validation), modality);
    }
    const product = productOf(experts as Record<Modality, Answers>);
    const accuracy: Record<string, number> = {};
    for (const subset of modalitySubsets(modalities)) {
      accuracy[subset.join('+')] = await measureAccuracy(product, data.test, subset);
    }
    return { accuracy, contradiction: await measureContradiction(product, data.test) };
  } finally {
    for (const model of models) model.dispose();
  }
}

/** Π p over the modalities that a sample has, as probabilities again. All samples have the same modalities. */
export function productOf(experts: Readonly<Record<Modality, Answers>>): Answers {
  return async (samples) => {
    const present = modalities.filter((modality) => samples[0]?.[modality] !== undefined);
    const factors = await Promise.all(
      present.map((modality) => experts[modality](samples.map((sample) => ({ [modality]: sample[modality] })))),
    );
    return samples.map((_, row) => {
      const products = factors[0][row].map((_, digit) =>
        factors.reduce((product, own) => product * own[row][digit], 1),
      );
      const sum = products.reduce((total, value) => total + value, 0);
      return products.map((value) => value / sum);
    });
  };
}

async function measureAccuracy(answers: Answers, test: SampleList, subset: readonly string[]): Promise<number> {
  const samples = allDigits(test);
  const probabilities = await answers(samples.map((sample) => toSample(sample, subset)));
  return samples.filter(({ targets }, row) => digitOf(probabilities[row]) === targets.digit).length / samples.length;
}
