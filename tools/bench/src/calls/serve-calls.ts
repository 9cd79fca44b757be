import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '../serve';

/** What some calls came to. */
export interface CallsResult {
  readonly ms: number[];
  /** File with the output of the last call, float32. */
  readonly output: string;
}

/** One call of a model, to values in JavaScript's memory. */
export type Call = () => Promise<Float32Array> | Float32Array;

/**
 * Serves a contender whose work is one call of a model. It is ready when it has its first result.
 *
 * @param load loads the model and its inputs from the folder that the first argument names
 */
export async function serveCalls(name: string, load: (folder: string) => Promise<Call>): Promise<void> {
  const folder = process.argv[2]!;
  await serve(async () => {
    const call = await load(folder);
    let output = await call();
    return async (times): Promise<CallsResult> => {
      const ms: number[] = [];
      for (let i = 0; i < times; i++) {
        const start = performance.now();
        output = await call();
        ms.push(performance.now() - start);
      }
      const file = join(folder, `${name}.f32`);
      writeFileSync(file, output);
      return { ms, output: file };
    };
  });
}
