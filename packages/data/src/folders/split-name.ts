/** What parts of data are called, whoever called them. */
export type SplitName = 'train' | 'validation' | 'test';

const names: Readonly<Record<SplitName, readonly string[]>> = {
  train: ['train', 'training'],
  validation: ['validation', 'valid', 'val', 'dev'],
  test: ['test', 'testing', 'eval', 'evaluation'],
};

/** The split that a folder, or a part of a table, is called: `train`, `validation` or `test`, or another word for one of them, and nothing besides. */
export function splitName(name: string): SplitName | undefined {
  return (Object.keys(names) as SplitName[]).find((split) => names[split].includes(name.toLowerCase()));
}

/** The split that the name of a table or shard begins with, as Hugging Face reads them: `train-00000-of-00002.parquet`. */
export function splitOfTable(name: string): SplitName | undefined {
  return splitName(name.split(/[-_.]/)[0]);
}

/** What to say of folders that are no splits, and begin as splits are called: nothing unless all do. */
export function remarksOnSplits(folder: string, tops: Iterable<string>): string[] {
  const names = [...new Set(tops)];
  if (names.length === 0 || !names.every(splitOfTable) || names.every(splitName)) return [];
  return [
    `${folder}: ${names.slice(0, 5).join(', ')} are no splits; their folders are called train, validation and test`,
  ];
}
