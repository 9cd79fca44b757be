import type { Model, Prediction, Sample } from '@polymodal/core';
import type { ParameterGroup } from '@polymodal/trainer';
import type { PictureQuestion } from '../data/picture-question';

/** What a model is shown of a picture with a question. */
export type Shown = 'both' | 'picture' | 'question';

/** A model that answers questions about pictures, and how it is asked. */
export interface VqaModel {
  readonly model: Model;
  /** What of it does not learn: paths, as `train` takes them. */
  readonly frozen: readonly string[];
  /** What learns at a rate of its own, as `train` takes it. */
  readonly parameterGroups?: readonly ParameterGroup[];
  /** A question as the model takes it, without the answer. */
  ask(question: PictureQuestion, shown: Shown): Sample;
  /** The answer as the model learns it. */
  target(answer: string): string;
  /** What it has answered. */
  answerIn(prediction: Prediction): string;
}
