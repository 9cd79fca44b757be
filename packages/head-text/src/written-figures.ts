import type { Features, Metrics } from '@polymodal/core';
import { z } from 'zod';
import { cider } from './cider';
import type { WrittenText } from './write-texts';
import type { WrittenTarget } from './written-target';

/** What a head that writes tells of its texts beside the share of those that are right to the letter. */
export const figureOptions = {
  /**
   * `'cider'`: CIDEr-D, each target the one reference of its sample; see {@link cider} for what it weighs. `'perplexity'`: how well each token of
   * the target is guessed where those before it are given, and its `crossEntropy`.
   */
  figures: z
    .array(z.enum(['cider', 'perplexity']))
    .readonly()
    .default([]),
};

/** Figures by name. */
export type WrittenFigures = z.output<typeof figureOptions.figures>;

/** What figures of texts are made from. */
export interface JudgedTexts {
  readonly predictions: readonly WrittenText[];
  readonly targets: readonly (Features | undefined)[];
  readonly target: Pick<WrittenTarget, 'decode' | 'endTokenId'>;
  /** How many tokens of each target were given. */
  readonly given?: number;
}

/** The share of targets that are written to the letter, and the means of what else is asked for; no figure where there is no target. */
export function writtenFigures(texts: JudgedTexts, names: WrittenFigures): Metrics {
  const { written, wanted } = pairsOf(texts);
  if (written.length === 0) return {};
  const right = written.filter((text, index) => text === wanted[index]).length;
  const others = Object.entries(figuresOfRows(written, wanted, names)).map(([name, rows]) => [name, meanOf(rows)]);
  return { accuracy: right / written.length, ...Object.fromEntries(others) };
}

/** Of the figures that are means over rows, those of each row with a target. */
export function writtenRowFigures(
  texts: JudgedTexts,
  names: WrittenFigures,
): Readonly<Record<string, readonly number[]>> {
  const { written, wanted } = pairsOf(texts);
  return written.length === 0 ? {} : figuresOfRows(written, wanted, names);
}

function figuresOfRows(
  written: readonly string[],
  wanted: readonly string[],
  names: WrittenFigures,
): Readonly<Record<string, readonly number[]>> {
  const references = wanted.map((text) => [text]);
  return names.includes('cider') ? { cider: cider(written, references).scores } : {};
}

/** Texts that were written, and those that should have been, of the rows with a target. */
function pairsOf({ predictions, targets, target, given = 0 }: JudgedTexts) {
  const pairs = predictions.flatMap(({ text }, row) => {
    const wanted = targets[row];
    if (!wanted) return [];
    const ids = Array.from(wanted.ids.data).slice(given);
    const end = target.endTokenId === undefined ? -1 : ids.indexOf(target.endTokenId); // templates may write a line's end behind it
    return [{ text, wanted: target.decode(end < 0 ? ids : ids.slice(0, end)) }];
  });
  return { written: pairs.map(({ text }) => text), wanted: pairs.map(({ wanted }) => wanted) };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
