import type { Model } from '@polymodal/core';
import { imageTag } from '@polymodal/example-material';
import type { Classification } from '@polymodal/heads';
import { type Cell, table } from '@polymodal/trainer';
import type { DigitSample } from '../data';
import { digitPng, spectrogramPng } from './pictures';

/** A sample beside what the model said of it. */
export interface Case<T extends DigitSample = DigitSample> {
  readonly sample: T;
  readonly answer: Classification;
}

/**
 * Samples as a person would look at them: the picture, the spectrogram, the word, and the model's answer.
 *
 * @param remark what to say of each, in a column of its own
 */
export async function gallery<T extends DigitSample>(
  model: Model,
  cases: readonly Case<T>[],
  remark: { readonly title: string; readonly of: (sample: T) => string },
): Promise<string> {
  const rows = await Promise.all(
    cases.map(async ({ sample, answer }): Promise<Cell[]> => {
      const { features } = await model.prepare({ audio: sample.audio });
      return [
        { html: imageTag(await digitPng(sample), 'the picture', 84, 84) },
        { html: imageTag(await spectrogramPng(features.audio), 'the spectrogram of the utterance', 192, 84) },
        { html: `<bdi lang="${sample.source.language}">${escapeText(sample.text)}</bdi>` },
        sample.source.language,
        String(sample.targets.digit),
        remark.of(sample),
        `${answer.label} (${(100 * answer.probability).toFixed(0)} %)`,
      ];
    }),
  );
  return table(['picture', 'sound', 'word', 'language', 'digit', remark.title, 'answer'], rows);
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
