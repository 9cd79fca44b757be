import type { PolymodalError } from '../errors';
import type { Sample } from '../sample';

/** Answers for one sample, by head; a head that the sample's modalities do not allow is left out. */
export type Prediction = Readonly<Record<string, unknown>>;

/**
 * What is answered with {@link PredictOptions}: of a model's answers those of the heads that are asked for, which every sample
 * then has; and with `onError: 'skip'` an error where there is none.
 */
export type AnswerOrError<Answers extends Prediction, Name extends string, OnError extends 'throw' | 'skip'> =
  | ([Name] extends [never] ? Answers : { readonly [N in Name]-?: NonNullable<Answers[N]> })
  | (OnError extends 'skip' ? PolymodalError : never);

/** What stands in an answer's place: the answer, or why there is none (`onError: 'skip'`). Tell them apart with `PolymodalError.isInstance`. */
export type PredictionOrError = Prediction | PolymodalError;

/** A sample of a stream and its answer. */
export interface Answered<Answer = Prediction, Input = Sample> {
  /** The sample's position in the stream, from 0. */
  readonly index: number;
  readonly sample: Input;
  readonly answer: Answer;
}
