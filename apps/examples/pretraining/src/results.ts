import { table } from '@polymodal/trainer';
import type { Accuracies } from './experiment';

/** Where a fine-tuning starts. */
export const starts = ['scratch', 'pretrained'] as const;
type Start = (typeof starts)[number];

/** One fine-tuning. */
export interface Tuning {
  readonly labels: number;
  readonly start: Start;
  readonly seed: number;
  readonly accuracies: Accuracies;
}

/** What `results.json` holds. */
export interface Results {
  readonly seeds: number;
  readonly scenes: number;
  readonly testSamples: number;
  readonly steps: { readonly pretraining: number; readonly tuning: number };
  readonly seconds: number;
  readonly tunings: readonly Tuning[];
}

/** What is shown of a number of labels. */
export interface Comparison {
  readonly labels: number;
  readonly subset: string;
  /** Means over seeds, and the least and largest. */
  readonly scratch: Spread;
  readonly pretrained: Spread;
}

interface Spread {
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

/** Both starts side by side, for each number of labels and each subset of what is shown. */
export function compare(tunings: readonly Tuning[]): Comparison[] {
  const labels = [...new Set(tunings.map((own) => own.labels))].sort((a, b) => a - b);
  const subsets = [...new Set(tunings.flatMap(({ accuracies }) => Object.keys(accuracies)))];
  return labels.flatMap((count) =>
    subsets.flatMap((subset) => {
      const of = (start: Start) =>
        tunings
          .filter((own) => own.labels === count && own.start === start)
          .map(({ accuracies }) => accuracies[subset].accuracy);
      const [scratch, pretrained] = starts.map(of);
      if (scratch.length === 0 || pretrained.length === 0) return [];
      return [{ labels: count, subset, scratch: spreadOf(scratch), pretrained: spreadOf(pretrained) }];
    }),
  );
}

/** The same as a table of a page. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  return table(
    ['labels', 'shown', 'from scratch', 'pre-trained'],
    comparisons.map(({ labels, subset, scratch, pretrained }) => [labels, subset, said(scratch), said(pretrained)]),
  );
}

/** In words: the mean, and from where to where. */
export function said({ mean, least, most }: Spread): string {
  return `${percent(mean)} (${percent(least)} – ${percent(most)})`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function spreadOf(values: readonly number[]): Spread {
  return {
    mean: values.reduce((sum, own) => sum + own, 0) / values.length,
    least: Math.min(...values),
    most: Math.max(...values),
  };
}
