import { z } from 'zod';
import { parseJsonFile } from '../pretrained/parse-json-file';

/** The name under which a composed model keeps the names of a checkpoint's tensors, which say what parts its encoders have. */
export const tensorNamesFile = 'tensors.json';

/** The files beside the weights, and that of the tensors' names. */
export function withTensorNames(
  contents: ReadonlyMap<string, Uint8Array>,
  names: readonly string[],
): Map<string, Uint8Array> {
  return new Map([...contents, [tensorNamesFile, new TextEncoder().encode(JSON.stringify(names))]]);
}

/** The files beside the weights, as they stand in a folder of Hugging Face layout. */
export function withoutTensorNames(contents: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> {
  return new Map([...contents].filter(([name]) => name !== tensorNamesFile));
}

/** The names of the tensors of the checkpoint that files stood beside; undefined for those of a new model. */
export function readTensorNames(contents: ReadonlyMap<string, Uint8Array>): readonly string[] | undefined {
  const names = contents.get(tensorNamesFile);
  return names && parseJsonFile(names, tensorNamesFile, z.array(z.string()));
}
