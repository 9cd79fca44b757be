import { type Model, useBackend } from '@polymodal/core';
import { readCommandLine, wholeNumber } from '@polymodal/example-material';
import { evaluateSubsets, probeModalities, type TrainOptions, train } from '@polymodal/trainer';
import { prepareDigits } from './data';
import { digitsModel, type Modality } from './digits-model';
import { toDataset } from './samples';

// Whether holding back encoders that are ahead (OGM-GE) helps here: npm run digits:modulation -- [--seeds 3] [--first-seed 0] [--steps 300] [--samples 4000]
//
// Each seed trains the mean of vectors as it is, with OGM-GE, and with modality dropout, for the same steps. The last line is JSON: by way of
// training, right answers with all modalities, and those of linear probes of each branch, means over seeds.

const {
  seeds,
  'first-seed': firstSeed,
  steps,
  samples,
  test,
} = readCommandLine(process.argv.slice(2), {
  seeds: wholeNumber(1).default(3),
  'first-seed': wholeNumber(0).default(0),
  steps: wholeNumber(1).default(300),
  samples: wholeNumber(100).default(4000),
  test: wholeNumber(10).default(1500),
});

const ways: Readonly<Record<string, Partial<TrainOptions>>> = {
  plain: {},
  'ogm-ge': { modulation: { use: 'ogm-ge', head: 'digit', alpha: 0.3 } },
  'modality dropout': { modalityDropout: 0.3 },
};
const slots: readonly Modality[] = ['image', 'audio', 'text'];

console.log(`Backend: ${await useBackend()}`);
const data = await prepareDigits({ sizes: { train: 12_000, validation: 500, test: 1500 } });
const learned = { ...toDataset(data.train), length: samples };
const judged = { ...toDataset(data.test), length: test };
const probed = { ...toDataset(data.train), length: Math.min(samples, 600) };
const sums: Record<string, Record<string, number>> = {};
for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
  for (const [way, own] of Object.entries(ways)) {
    const model = digitsModel('mean', seed, slots);
    await train(model, {
      ...{ data: learned, steps, batchSize: 64, learningRate: 1.5e-3, weightDecay: 0.05, seed, progress: false },
      ...{ watchModalities: true, lossWeights: { match: 0 }, ...own },
    } as TrainOptions);
    add(way, await figuresOf(model));
    console.log(`seed ${seed}, ${way}: ${JSON.stringify(sums[way])}`);
    model.dispose();
  }
}
console.log(
  JSON.stringify(
    Object.fromEntries(
      Object.entries(sums).map(([way, own]) => [
        way,
        Object.fromEntries(Object.entries(own).map(([name, sum]) => [name, Number((sum / seeds).toFixed(4))])),
      ]),
    ),
  ),
);

async function figuresOf(model: Model): Promise<Record<string, number>> {
  const subsets = await evaluateSubsets(model, judged, { subsets: [[...slots]], progress: false, resamples: 0 });
  const probes = await probeModalities(model, { data: probed, test: judged, target: 'digit' });
  const branches = Object.entries(probes).map(([slot, { accuracy }]) => [`probe of ${slot}`, accuracy] as const);
  return { accuracy: subsets[slots.join('+')].digit.metrics.accuracy, ...Object.fromEntries(branches) };
}

function add(way: string, figures: Readonly<Record<string, number>>): void {
  sums[way] ??= {};
  for (const [name, value] of Object.entries(figures)) sums[way][name] = (sums[way][name] ?? 0) + value;
}
