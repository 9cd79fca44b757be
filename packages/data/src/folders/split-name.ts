const names: Readonly<Record<string, readonly string[]>> = {
  train: ['train', 'training'],
  validation: ['validation', 'valid', 'val', 'dev'],
  test: ['test', 'testing', 'eval', 'evaluation'],
};

/** The split that the name of a folder or shard stands for, as Hugging Face reads them: `train`, `validation` or `test`. */
export function splitName(name: string): string | undefined {
  const word = name.toLowerCase().split(/[-_.]/)[0];
  return Object.keys(names).find((split) => names[split].includes(word));
}
