import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PretrainedCase } from './cases';

/** How to install what Python needs. */
export const installPython =
  'pip install torch transformers safetensors numpy onnx onnxscript, then name that Python: PYTHON=… pnpm bench:pretrained';

/**
 * Writes the model of a case with random weights, as safetensors and as ONNX, and its inputs.
 *
 * @throws Error if there is no Python with what that takes
 */
export function writeWorkload(folder: string, python: string, { model, rows }: PretrainedCase): void {
  mkdirSync(folder);
  const script = fileURLToPath(new URL('write_workload.py', import.meta.url));
  const options = { encoding: 'utf8', stdio: 'pipe' } as const;
  const last = execFileSync(python, [script, folder, model, String(rows)], options)
    .trimEnd()
    .split('\n')
    .at(-1)!;
  const answer = JSON.parse(last) as { readonly written: true } | { readonly missing: string };
  if ('missing' in answer) throw new Error(`The models are written by Python: ${answer.missing}. ${installPython}`);
}
