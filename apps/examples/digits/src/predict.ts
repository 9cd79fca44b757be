import { existsSync } from 'node:fs';
import { ConfigError, PolymodalError, type Sample, useBackend } from '@polymodal/core';
import { loadModel } from '@polymodal/core/node';
import { readCommandLine } from '@polymodal/example-material';
import type { Classification } from '@polymodal/heads';
import { z } from 'zod';
import { registry } from './registry';

const trained = 'runs/digits/masked-transformer-0/model';

const usage = `npm run digits:predict -- [options], one of the first three at least

  --image <file>   a picture of one digit, bright on a dark ground
  --audio <file>   a recording of one digit, spoken in English
  --text <word>    a number word
  --model <folder> a saved model (default ${trained})
  --help           this text`;

const commandOptions = {
  image: z.string().optional(),
  audio: z.string().optional(),
  text: z.string().optional(),
  model: z.string().default(trained),
  help: z.boolean().default(false),
};

/** Asks the saved model about a picture, a recording and a word, or any of them. */
async function main(): Promise<void> {
  const { model: directory, help, ...sample } = readCommandLine(process.argv.slice(2), commandOptions);
  if (help) return console.log(usage);
  checkGiven(sample, directory);
  const backend = await useBackend();
  const model = await loadModel(registry, directory);
  const [{ digit }] = await model.predict([sample]);
  const { label, probabilities } = digit as Classification;
  const modalities = model.modalities.filter((modality) => (sample as Sample)[modality] !== undefined);
  console.log(`From ${modalities.join(', ')} on ${backend.name}: ${label}\n`);
  probabilities.forEach((probability, index) => {
    const bar = '█'.repeat(Math.round(40 * probability));
    console.log(`  ${index}  ${(100 * probability).toFixed(1).padStart(5)} %  ${bar}`);
  });
}

/** What can be said before anything is loaded. */
function checkGiven(sample: Sample, directory: string): void {
  if (Object.values(sample).every((value) => value === undefined)) {
    throw new ConfigError({
      where: 'digits:predict',
      expected: '--image, --audio or --text',
      received: 'none of them',
      hint: `Usage: ${usage}`,
    });
  }
  if (existsSync(directory)) return;
  const hint =
    directory === trained
      ? 'Run "npm start" first; it trains one there in a few minutes.'
      : 'Check the path; "npm start" leaves its model in the folder "model" of each training.';
  throw new ConfigError({
    where: '--model',
    expected: 'the folder of a trained model',
    received: `"${directory}", which does not exist`,
    hint,
  });
}

try {
  await main();
} catch (error) {
  if (!PolymodalError.isInstance(error)) throw error;
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}
