import type { HeadFigures, SubsetFigures } from '@polymodal/trainer';
import { textTable } from '../command/text-table';
import { figureText, intervalText } from './figures-table';

/**
 * A table for each head, with a line for each subset of the modalities: of how many samples it is, and those figures that are of all
 * classes together.
 *
 * @param common whether all are of the same samples
 */
export function subsetsTable(subsets: SubsetFigures, { common = false }: { readonly common?: boolean } = {}): string {
  const heads = [...new Set(Object.values(subsets).flatMap((own) => Object.keys(own)))];
  const counts = new Set<number>();
  const tables = heads.map((head) => {
    const rows = Object.entries(subsets).flatMap(([subset, own]) => (own[head] ? [[subset, own[head]] as const] : []));
    const [first, ...others] = wholeMetrics(rows.map(([, own]) => own));
    for (const [, { count }] of rows) counts.add(count);
    const line = ([subset, own]: (typeof rows)[number]) => [
      subset,
      own.count,
      cell(own, first),
      intervalText(own, first),
      ...others.map((metric) => cell(own, metric)),
    ];
    return textTable([[head, 'samples', first, '95 % interval', ...others], ...rows.map(line)]);
  });
  return `${tables.join('\n\n')}\n\n${remark(common, counts.size)}`;
}

/** Those of one class are called by it: `ripe F1`. Where there are no others, as of retrieval, those. */
function wholeMetrics(figures: readonly HeadFigures[]): string[] {
  const all = [...new Set(figures.flatMap(({ metrics }) => Object.keys(metrics)))];
  const whole = all.filter((metric) => !metric.includes(' '));
  return whole.length > 0 ? whole : all;
}

function cell({ metrics }: HeadFigures, metric: string): string {
  return metric in metrics ? figureText(metrics[metric]) : '';
}

function remark(common: boolean, counts: number): string {
  if (common) return 'All lines are of the same samples: those that have every modality.';
  const same = 'Each line is of the samples that have all of its modalities, the others taken away';
  return counts > 1
    ? `${same}: lines with other numbers of samples are of other samples. On the same ones: --common.`
    : `${same}.`;
}
