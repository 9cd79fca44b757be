import { serveCalls } from '../calls/serve-calls';
import { type Inputs, readInputs } from './workload';

/**
 * Serves a contender whose work is one call of an encoder.
 *
 * @param load loads the model from the folder; gives the function that encodes, to (B, N, D) in JavaScript's memory
 */
export async function serveInference(
  name: string,
  load: (folder: string) => Promise<(inputs: Inputs) => Promise<Float32Array> | Float32Array>,
): Promise<void> {
  await serveCalls(name, async (folder) => {
    const encode = await load(folder);
    const inputs = readInputs(folder);
    return () => encode(inputs);
  });
}
