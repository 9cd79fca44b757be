// What augmentations of pictures bring where there are few: a hundred handwritten digits of MNIST to learn from, a thousand to be measured by.
import { type Augmentations, composeModel, createRegistry, RandomKey, useBackend } from '@polymodal/core';
import { vision } from '@polymodal/encoder-vision';
import { crop, cutMix, randAugment } from '@polymodal/encoder-vision/augment';
import { drawPictures, pictureSize } from '@polymodal/example-digits/data';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { evaluate, train } from '@polymodal/trainer';

const seeds = [0, 1, 2];
const epochs = 60;

const compared: Readonly<Record<string, Augmentations>> = {
  none: {},
  crop: { image: [crop()] },
  'rand-augment': { image: [randAugment({ magnitude: 5 })] },
  'cut-mix': { image: [cutMix()] },
};

await useBackend();
const registry = createRegistry([vision, fusion, heads]);
const test = samplesOf('t10k', 100, RandomKey.from(0));
const accuracies: Record<string, number[]> = {};
for (const [name, augment] of Object.entries(compared)) {
  accuracies[name] = [];
  for (const seed of seeds) {
    const model = composeModel(registry, {
      hiddenSize: 32,
      seed,
      encoders: {
        image: { use: 'convolutional', imageSize: pictureSize, channels: 1, stemChannels: [16], numHiddenLayers: 1 },
      },
      fusion: { use: 'mean' },
      heads: { digit: { use: 'classification', labels: [...'0123456789'] } },
    });
    const data = samplesOf('train', 10, RandomKey.from(seed));
    await train(model, { data, augment, epochs, batchSize: 25, learningRate: 3e-3, seed, progress: false });
    const { digit } = await evaluate(model, test, { progress: false });
    accuracies[name].push(digit.metrics.accuracy as number);
    model.dispose();
  }
  const own = accuracies[name];
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  console.log(`${name.padEnd(30)} ${percent(mean(own))}  (${own.map(percent).join(', ')})`);
}
console.log(JSON.stringify({ seeds, epochs, accuracies }));

function samplesOf(file: 'train' | 't10k', ofEach: number, key: RandomKey) {
  return drawPictures(file, ofEach, key)
    .flat()
    .map(({ digit, pixels }) => ({
      image: { data: pixels, width: pictureSize, height: pictureSize, channels: 1 } as const,
      targets: { digit: String(digit) },
    }));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
