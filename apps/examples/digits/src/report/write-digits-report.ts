import type { Model } from '@polymodal/core';
import type { Classification } from '@polymodal/heads';
import { confusionMatrix, learningCurves, type Section, writeReport } from '@polymodal/trainer';
import type { DigitSample, DigitsData } from '../data';
import type { Figures } from '../figures';
import { contradictorySamples } from '../measure-contradiction';
import type { Results } from '../results';
import { allDigits, toSample } from '../samples';
import { type Case, gallery } from './gallery';
import { accuracyBars, accuracyFigure, contradictionFigure, figureHtml, retrievalFigure } from './tables';

/** Writes the page that shows what came of it: figures, curves, and the cases worth looking at. */
export async function writeDigitsReport(
  path: string,
  content: { readonly model: Model; readonly data: DigitsData; readonly results: Results; readonly figures: Figures },
): Promise<void> {
  const { model, data, results, figures } = content;
  const test = await answered(model, allDigits(data.test));
  const contradictory = await answered(model, contradictorySamples(data.test));
  const sections: Section[] = [
    { heading: 'Every subset of the modalities', html: accuracyBars(results) + figureHtml(accuracyFigure(results)) },
    { heading: 'Learning curves', html: learningCurves(figures) },
    { heading: 'Which digits are taken for which', html: confusion(test) },
    { heading: 'The hardest test samples', html: await hardest(model, test) },
    {
      heading: 'Contradictions',
      html:
        figureHtml(contradictionFigure(results)) +
        (await gallery(model, mostConvinced(contradictory), {
          title: 'contradicting',
          of: ({ contradiction }) => `${contradiction.modality}: ${contradiction.digit}`,
        })),
    },
    { heading: 'Retrieval between modalities', html: figureHtml(retrievalFigure(results)) },
  ];
  await writeReport(path, { title: 'Digits seen, heard and read', sections });
}

async function answered<T extends DigitSample>(model: Model, samples: readonly T[]): Promise<Case<T>[]> {
  const predictions = await model.predict(
    samples.map((sample) => toSample(sample)),
    { heads: ['digit'], batchSize: 64 },
  );
  return samples.map((sample, index) => ({ sample, answer: predictions[index].digit as Classification }));
}

function confusion(cases: readonly Case[]): string {
  const labels = Array.from({ length: 10 }, (_, digit) => String(digit));
  const counts = labels.map(() => labels.map(() => 0));
  for (const { sample, answer } of cases) counts[sample.targets.digit][answer.index]++;
  return `<p>With all three modalities.</p>${confusionMatrix(labels, counts)}`;
}

/** Those whose true digit got the lowest probability. */
function hardest(model: Model, cases: readonly Case[]): Promise<string> {
  const truth = ({ sample, answer }: Case) => answer.probabilities[sample.targets.digit];
  const worst = [...cases].sort((a, b) => truth(a) - truth(b)).slice(0, 12);
  return gallery(model, worst, {
    title: 'probability of the digit',
    of: (sample) => `${(100 * truth(cases.find((one) => one.sample === sample)!)).toFixed(1)} %`,
  });
}

/** The same number of contradictions by each modality, those with the surest answers. */
function mostConvinced<T extends DigitSample & { readonly contradiction: { readonly modality: string } }>(
  cases: readonly Case<T>[],
): Case<T>[] {
  const surest = [...cases].sort((a, b) => b.answer.probability - a.answer.probability);
  return ['image', 'audio', 'text'].flatMap((modality) =>
    surest.filter(({ sample }) => sample.contradiction.modality === modality).slice(0, 4),
  );
}
