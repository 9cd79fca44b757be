import {
  bertForQuestionAnswering,
  bertForTokenClassification,
  robertaForQuestionAnswering,
  robertaForTokenClassification,
} from './text-spans/index';

export { textSpansRegistry } from './text-spans-registry';
export {
  bertForQuestionAnswering,
  bertForTokenClassification,
  robertaForQuestionAnswering,
  robertaForTokenClassification,
};

/** Every family of models that find names, and the like, in texts. */
export const tokenClassifiers = [bertForTokenClassification, robertaForTokenClassification] as const;

/** Every family of models that find the answer to a question in a text. */
export const questionAnswerers = [bertForQuestionAnswering, robertaForQuestionAnswering] as const;
