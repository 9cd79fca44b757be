import type { PictureQuestion } from './picture-question';

/** Whether what is asked for has to be named, and yes or no would be no answer. */
export function isOpen({ answer }: Pick<PictureQuestion, 'answer'>): boolean {
  return answer !== 'yes' && answer !== 'no';
}
