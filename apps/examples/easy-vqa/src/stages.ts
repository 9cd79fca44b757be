import type { Sample } from '@polymodal/core';
import { isOpen } from './data/is-open';
import type { PictureQuestion } from './data/picture-question';
import { evenAnswers } from './even-answers';
import { isLooking, type Method } from './methods';
import type { VqaModel } from './models/vqa-model';
import type { Options } from './options';

/** A stage of a training, as `train` takes it, of as many epochs or steps. */
export type Stage = {
  readonly name: string;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly together?: string;
  readonly weights?: Readonly<Record<string, readonly number[]>>;
} & {
  readonly data: Readonly<Record<string, readonly Sample[]>>;
} & ({ readonly epochs: number } | { readonly steps: number });

/**
 * The stages in which the model of a method learns. Colours and shapes are learned from the questions that name them, first by themselves:
 * three of four want yes or no, and while nothing is seen, their gradients are little more than noise.
 *
 * A language model looks through a tower that sees already. It learns to name what it sees, and then to compare it with what is asked
 * for: seven of eight questions after a colour have the same answer, so that what the picture says matters in the eighth alone. Each answer to a
 * question comes as often as the other there. How often they really come, it learns in the end.
 */
export function stagesOf(
  method: Method,
  vqa: VqaModel,
  questions: readonly PictureQuestion[],
  { epochs, steps }: Pick<Options, 'epochs' | 'steps'>,
): readonly Stage[] {
  const all = samplesOf(vqa, questions);
  const open = samplesOf(vqa, questions.filter(isOpen));
  if (isLooking(method)) {
    const common = { batchSize: 16, learningRate: 1e-3 };
    const naming = Math.ceil(steps / 8);
    const comparing = Math.ceil(steps / 2);
    return [
      { name: 'name', data: { open }, steps: naming, ...common },
      { name: 'compare', data: { all }, weights: { all: evenAnswers(questions) }, steps: comparing, ...common },
      { name: 'answer', data: { all }, steps: Math.max(1, steps - naming - comparing), ...common },
    ];
  }
  return [
    { name: 'see', data: { open }, epochs: 2, batchSize: 64, together: 'image', learningRate: 2e-3 },
    { name: 'answer', data: { all }, epochs, batchSize: 256, together: 'image', learningRate: 2e-3 },
  ];
}

/** How many samples are learned from in a stage, each as often as it comes. */
export function samplesIn(stage: Stage): number {
  if ('steps' in stage) return stage.steps * stage.batchSize;
  return stage.epochs * Object.values(stage.data).reduce((sum, { length }) => sum + length, 0);
}

function samplesOf({ ask, target }: VqaModel, questions: readonly PictureQuestion[]): Sample[] {
  return questions.map((question) => ({ ...ask(question, 'both'), targets: { answer: target(question.answer) } }));
}
