import { ConfigError, type Model } from '@polymodal/core';
import { learningParts } from '../data/learning-parts';

/** What a model's processors learned from the training data: files in base64, by their paths in a saved model. */
export type LearnedFiles = Readonly<Record<string, string>>;

/** What the processors of a model have learned. */
export function learnedFiles(model: Model): LearnedFiles {
  const learned: Record<string, string> = {};
  for (const { folder, processor } of learningParts(model)) {
    if (!processor.fitted) continue;
    for (const [name, content] of Object.entries(processor.files())) {
      learned[`${folder}/${name}`] = Buffer.from(content).toString('base64');
    }
  }
  return learned;
}

/**
 * Gives those processors of a model which have learned nothing yet what others had learned.
 *
 * @param where what these are of, as error messages call it
 * @param parts those of the model that are concerned
 * @throws ConfigError for a processor that has learned something else already; then none is changed
 */
export function restoreLearned(model: Model, saved: LearnedFiles, where: string, parts = learningParts(model)): void {
  const own = learnedFiles(model);
  for (const { name, folder, processor } of parts) {
    if (!processor.fitted || filesOf(own, folder) === filesOf(saved, folder)) continue;
    throw new ConfigError({
      where: name,
      expected: `a processor that has learned what that of ${where} had, or nothing yet`,
      received: 'one that has learned something else',
      hint: 'Give a new model, whose processors have learned nothing yet, or name another directory.',
    });
  }
  for (const { folder, processor } of parts) {
    if (!processor.fitted) processor.restore((file) => decoded(saved[`${folder}/${file}`]));
  }
}

function decoded(content: string | undefined): Uint8Array | undefined {
  return content === undefined ? undefined : new Uint8Array(Buffer.from(content, 'base64'));
}

/** In one order, to be compared. */
function filesOf(learned: LearnedFiles, folder: string): string {
  const own = Object.entries(learned).filter(([path]) => path.startsWith(`${folder}/`));
  return JSON.stringify(own.sort(([a], [b]) => (a < b ? -1 : 1)));
}
