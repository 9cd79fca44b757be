import { FileFormatError } from '@polymodal/core';
import { weightFileNames } from './weight-file-names';

/**
 * The error for a folder or repository without safetensors; for a pickle, which can run code when it is read, with the line
 * of Python that converts it.
 *
 * @param where how the error calls the folder or repository
 * @param files what there is
 * @param folder where Python finds it
 */
export function missingWeights(where: string, files: readonly string[], folder: string): FileFormatError {
  const pickle = files.find((name) => /^pytorch_model.*\.bin(\.index\.json)?$/.test(name));
  return new FileFormatError({
    where,
    expected: weightFileNames.join(' or '),
    received: pickle === undefined ? 'neither' : `weights as a Python pickle (${pickle})`,
    ...(pickle !== undefined && { hint: `Convert them with one line of Python: ${conversion(folder)}` }),
  });
}

/** Keeps every tensor under its own name, as the pickle has it; tensors that share memory become copies. */
function conversion(folder: string): string {
  const files = JSON.stringify(`${folder}/pytorch_model*.bin`);
  const target = JSON.stringify(`${folder}/model.safetensors`);
  return (
    `python -c 'import glob, torch; from safetensors.torch import save_file; ` +
    `save_file({k: v.clone().contiguous() for f in glob.glob(${files}) ` +
    `for k, v in torch.load(f, map_location="cpu", weights_only=True).items()}, ${target}, {"format": "pt"})'`
  );
}
