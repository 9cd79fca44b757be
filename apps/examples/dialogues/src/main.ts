import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RandomKey, useBackend } from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';
import { claimDirectory, runProgram } from '@polymodal/example-material';
import { answerText, train } from '@polymodal/trainer';
import { dialogueModel } from './dialogue-model';
import { languageLoss, passages } from './language-loss';
import { heldOutQuestions, toldDialogues } from './make-dialogues';
import { type Options, readOptions } from './options';
import { projects, recipe } from './recipe';
import { isResults, type Results, resultsTable } from './results';
import { aboutOtherPictures, rightAnswers } from './right-answers';

/** Has a language model learn to talk about pictures, and shows what it answers, and what it has lost. Ctrl-C leaves a run to go on with. */
async function main(options: Options, signal: AbortSignal): Promise<void> {
  const { directory, seed } = options;
  await claimDirectory(directory, { names: ['run'], isResults });
  console.log(`Backend: ${await useBackend()}`);
  const model = await dialogueModel(options);
  const held = RandomKey.from(seed).fold('test');
  const questions = heldOutQuestions(options.questions, held.fold('questions'));
  const readme = await readFile(new URL('../../../../README.md', import.meta.url), 'utf8');
  const words = { prose: passages(readme, 12), 'dialogues in words': toldDialogues(32, held.fold('told')) };
  const losses = async () => ({
    prose: await languageLoss(model, words.prose),
    'dialogues in words': await languageLoss(model, words['dialogues in words']),
  });
  const before = { right: await rightAnswers(model, questions, 'Asking before', signal), losses: await losses() };
  const stages = recipe(options);
  const [{ data }] = stages.slice(-1);
  console.log(
    `\nWhat is learned of the first dialogue:\n${answerText(model, await model.prepare(Object.values(data)[0][0]))}`,
  );
  const { seconds } = await train(model, {
    stages,
    freeze: ['encoders.image'],
    parameterGroups: [projects],
    seed,
    directory: join(directory, 'run'),
    checkpointEvery: { steps: 40 },
    signal,
  });
  signal.throwIfAborted();
  const results: Results = {
    stages: Object.fromEntries(stages.map(({ name, steps, batchSize }) => [name, steps * batchSize])),
    seconds,
    before,
    after: { right: await rightAnswers(model, questions, 'Asking', signal), losses: await losses() },
    otherPicture: await rightAnswers(model, aboutOtherPictures(questions), 'Asking about other pictures', signal),
  };
  await replaceFile(join(directory, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  console.log(`\n${resultsTable(results)}\n\nFigures: ${join(directory, 'results.json')}`);
}

await runProgram(async (signal) => {
  const options = readOptions(process.argv.slice(2));
  if (options) await main(options, signal);
});
