import type { RowFaults } from '@polymodal/data';
import { counted } from '../command/counted';

/** So large a share of bad rows has most likely one cause. */
const tooLarge = 0.2;

/**
 * What is said of bad rows that were left out: how many, the first with its file and line, and, where they are many, what most likely is
 * wrong with all of them. Empty where there are none.
 *
 * @param all how many rows there are, the bad ones too
 */
export function leftOut({ count, first }: RowFaults, all: number): string {
  if (count === 0) return '';
  const lines = [
    `${counted(count, 'bad row')} of ${all} left out. The first: ${first[0]?.message}`,
    count > tooLarge * all
      ? 'So many most likely have one cause. If it is paths, data.root in the config says from which folder they start; if it is letters, data.csv.encoding says how the file is encoded (polymodal init --encoding windows-1252).'
      : '',
  ];
  return lines.filter(Boolean).join('\n');
}
