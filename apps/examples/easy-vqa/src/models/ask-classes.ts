import type { Model, Prediction, Sample } from '@polymodal/core';
import type { PictureQuestion } from '../data/picture-question';
import type { Shown, VqaModel } from './vqa-model';

/** A model with the slots `image` and `text`, whose head `answer` chooses among classes. */
export function askClasses(model: Model, frozen: readonly string[]): VqaModel {
  return { model, frozen, ask, target: (answer) => answer, answerIn };
}

function ask({ image, question }: PictureQuestion, shown: Shown): Sample {
  return { ...(shown !== 'question' && { image }), ...(shown !== 'picture' && { text: question }) };
}

function answerIn({ answer }: Prediction): string {
  return (answer as { readonly label: string }).label;
}
