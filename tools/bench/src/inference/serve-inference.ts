import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '../serve';
import { type Inputs, readInputs } from './workload';

/** What some calls came to. */
export interface CallsResult {
  readonly ms: number[];
  /** File with the output of the last call, float32. */
  readonly output: string;
}

/**
 * Serves a contender whose work is one call of an encoder. It is ready when it has its first result.
 *
 * @param load loads the model from the folder; gives the function that encodes, to (B, N, D) in JavaScript's memory
 */
export async function serveInference(
  name: string,
  load: (folder: string) => Promise<(inputs: Inputs) => Promise<Float32Array> | Float32Array>,
): Promise<void> {
  const folder = process.argv[2]!;
  await serve(async () => {
    const encode = await load(folder);
    const inputs = readInputs(folder);
    let output = await encode(inputs);
    return async (times): Promise<CallsResult> => {
      const ms: number[] = [];
      for (let i = 0; i < times; i++) {
        const start = performance.now();
        output = await encode(inputs);
        ms.push(performance.now() - start);
      }
      const file = join(folder, `${name}.f32`);
      writeFileSync(file, output);
      return { ms, output: file };
    };
  });
}
