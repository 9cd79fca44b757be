import { startProgress } from '@polymodal/example-material';
import { z } from 'zod';
import type { PictureQuestion } from './data/picture-question';
import type { Shown, VqaModel } from './models/vqa-model';

/** Right answers among questions that were asked. */
export const accuracyShape = z.object({ right: z.number(), asked: z.number() });
/** {@link accuracyShape} */
export type Accuracy = z.output<typeof accuracyShape>;

/** Between two looks at whether to stop. */
const chunk = 64;

/** How many questions a model answers to the letter. */
export async function accuracy(
  { model, ask, answerIn }: VqaModel,
  questions: readonly PictureQuestion[],
  shown: Shown,
  signal: AbortSignal,
): Promise<Accuracy> {
  const progress = startProgress(
    shown === 'both' ? 'Asking' : `Asking about the ${shown} alone`,
    questions.length,
    true,
  );
  let right = 0;
  try {
    for (let start = 0; start < questions.length; start += chunk) {
      const some = questions.slice(start, start + chunk);
      const answers = await model.predict(
        some.map((question) => ask(question, shown)),
        { batchSize: chunk, signal },
      );
      some.forEach(({ answer }, index) => {
        right += Number(answerIn(answers[index]) === answer);
        progress.step();
      });
    }
  } finally {
    progress.stop();
  }
  return { right, asked: questions.length };
}
