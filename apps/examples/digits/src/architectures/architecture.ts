import type { Model, Sample } from '@polymodal/core';
import type { Answers } from '../answers';
import type { DigitSample } from '../data';
import type { Modality } from '../digits-model';

/** A way to build a model over several modalities, as it is compared with others: on the same digits, with the same encoders. */
export interface Architecture {
  /** A model over some of the modalities, not yet trained. */
  model(slots: readonly Modality[], seed: number): Model;
  /** A digit as the model takes it, with some of its modalities. */
  toSample(digit: DigitSample, kept: readonly Modality[]): Sample;
  /** How probable a model holds each digit. */
  answersOf(model: Model): Answers;
  /** With what probability training leaves a modality out, beside what `toSample` leaves out. */
  readonly modalityDropout: number | Readonly<Record<string, number>>;
  /** The share of training samples without the word, for those that always need a text. */
  readonly withoutWord: number;
  /**
   * A trained model with one modality more.
   *
   * @param directory the folder that it was saved in
   * @returns the wider model, and the paths of the parameters that the former one did not have
   */
  widen(model: Model, slot: Modality, directory: string): Promise<{ model: Model; newParameters: readonly string[] }>;
}
