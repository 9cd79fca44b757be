import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ConfigError, PolymodalError, type Sample, useBackend } from '@polymodal/core';
import { loadModel } from '@polymodal/core/node';
import type { Classification } from '@polymodal/heads';
import { registry } from './registry';

const usage =
  'npm run digits:predict -- [--image file.png] [--audio file.wav] [--text word] [--model runs/digits/masked-transformer-0/model]';

/** Asks the saved model about a picture, a recording and a word, or any of them. */
async function main(): Promise<void> {
  const { model: directory, ...given } = readArguments();
  if (!existsSync(directory)) {
    throw new ConfigError({
      where: 'digits:predict --model',
      expected: 'the folder of a trained model',
      received: `"${directory}", which does not exist`,
      hint: 'Run "npm start" first; it trains one there in a few minutes.',
    });
  }
  const backend = await useBackend();
  const model = await loadModel(registry, directory);
  const sample: Sample = given;
  const [{ digit }] = await model.predict([sample]);
  const { label, probabilities } = digit as Classification;
  const modalities = model.modalities.filter((modality) => sample[modality] !== undefined);
  console.log(`From ${modalities.join(', ')} on ${backend.name}: ${label}\n`);
  probabilities.forEach((probability, index) => {
    const bar = '█'.repeat(Math.round(40 * probability));
    console.log(`  ${index}  ${(100 * probability).toFixed(1).padStart(5)} %  ${bar}`);
  });
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        image: { type: 'string' },
        audio: { type: 'string' },
        text: { type: 'string' },
        model: { type: 'string', default: 'runs/digits/masked-transformer-0/model' },
      },
    }).values;
  } catch (cause) {
    throw new ConfigError({
      where: 'digits:predict',
      expected: '--image, --audio, --text or --model, each with a value',
      received: `"${process.argv.slice(2).join(' ')}"`,
      hint: `Usage: ${usage}`,
      cause,
    });
  }
}

try {
  await main();
} catch (error) {
  if (!PolymodalError.isInstance(error)) throw error;
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}
