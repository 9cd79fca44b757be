const names: Readonly<Record<string, readonly string[]>> = {
  train: ['train', 'training'],
  validation: ['validation', 'valid', 'val', 'dev'],
  test: ['test', 'testing', 'eval', 'evaluation'],
};

/** The split that a folder is called: `train`, `validation` or `test`, or another word for one of them, and nothing besides. */
export function splitName(folder: string): string | undefined {
  return Object.keys(names).find((split) => names[split].includes(folder.toLowerCase()));
}

/** The split that the name of a table or shard begins with, as Hugging Face reads them: `train-00000-of-00002.parquet`. */
export function splitOfTable(name: string): string | undefined {
  return splitName(name.split(/[-_.]/)[0]);
}
