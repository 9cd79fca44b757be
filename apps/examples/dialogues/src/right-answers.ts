import type { Model } from '@polymodal/core';
import { startProgress } from '@polymodal/example-material';
import { askedAbout, type HeldOutQuestion, type Kind, kinds } from './make-dialogues';

/** Right answers among questions of each kind. */
export type RightByKind = Readonly<Record<Kind, { readonly right: number; readonly asked: number }>>;

/** Between two looks at whether to stop. */
const chunk = 32;

/** How many questions about pictures are answered to the letter. @param name of what is shown, for people */
export async function rightAnswers(
  model: Model,
  questions: readonly HeldOutQuestion[],
  name: string,
  signal: AbortSignal,
): Promise<RightByKind> {
  const figures = Object.fromEntries(kinds.map((kind) => [kind, { right: 0, asked: 0 }])) as {
    [K in Kind]: { right: number; asked: number };
  };
  const progress = startProgress(name, questions.length, true);
  try {
    for (let start = 0; start < questions.length; start += chunk) {
      const some = questions.slice(start, start + chunk);
      const answers = await model.predict(some.map(askedAbout), { batchSize: chunk, signal });
      some.forEach(({ kind, answer }, index) => {
        const { text } = answers[index].answer as { readonly text: string };
        figures[kind].asked++;
        figures[kind].right += Number(text.trim() === answer);
        progress.step();
      });
    }
  } finally {
    progress.stop();
  }
  return figures;
}

/** The same questions, each about the picture of another of its kind: what is right then was guessed. */
export function aboutOtherPictures(questions: readonly HeldOutQuestion[]): HeldOutQuestion[] {
  return questions.map((question, index) => ({
    ...question,
    image: questions[(index + kinds.length) % questions.length].image,
  }));
}
