import { join } from 'node:path';
import type { Table } from '../table/table';
import { remarksOnSplits, splitName } from './split-name';

/**
 * A row for each file of a folder, with the class that the folder around it is called: `cats/1.png`, or `train/cats/1.png`. Folders within folders
 * are one class by all their names, `cats/persian`. Folders that only begin as splits are called, `test_tubes`, are classes, with a remark.
 *
 * @param files by their paths from the folder
 */
export function classTable(folder: string, files: readonly string[], remarks: readonly string[]): Table {
  const tops = new Set(files.map((file) => (file.includes('/') ? file.split('/')[0] : '')));
  const hasSplits = [...tops].every((top) => splitName(top) !== undefined);
  const parts = files.map((file) => {
    const folders = file.split('/').slice(0, -1);
    const label = (hasSplits ? folders.slice(1) : folders).join('/');
    return { label: label === '' ? undefined : label, split: hasSplits ? splitName(folders[0]) : undefined };
  });
  const hasLabels = parts.some(({ label }) => label !== undefined);
  return {
    name: folder,
    columns: ['file_name', ...(hasLabels ? ['label'] : []), ...(hasSplits ? ['split'] : [])],
    length: files.length,
    remarks: [...remarks, ...remarksOnSplits(folder, tops)],
    async read(index) {
      const { label, split } = parts[index];
      return [files[index], ...(hasLabels ? [label] : []), ...(hasSplits ? [split] : [])];
    },
    folder: () => folder,
    id: (index) => files[index],
    where: (index) => join(folder, files[index]),
  };
}
