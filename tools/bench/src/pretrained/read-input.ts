import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An input of a model, as the workload has it. */
export interface Input {
  readonly data: Int32Array | Float32Array;
  readonly shape: number[];
}

/** Reads an input from the folder of a workload. */
export function readInput(folder: string, name: string): Input {
  const described = JSON.parse(readFileSync(join(folder, 'inputs.json'), 'utf8')) as Record<
    string,
    { readonly dtype: 'int32' | 'float32'; readonly shape: number[] }
  >;
  const { dtype, shape } = described[name]!;
  const { buffer, byteOffset, byteLength } = readFileSync(join(folder, `${name}.bin`));
  const bytes = buffer.slice(byteOffset, byteOffset + byteLength); // aligned
  return { shape, data: dtype === 'int32' ? new Int32Array(bytes) : new Float32Array(bytes) };
}
