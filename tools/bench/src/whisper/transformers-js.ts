// A contender: the same weights as ONNX in the pipeline of transformers.js, in float32 on its CPU device, if it is installed in the folder given as
// the third argument. It hears one recording after the other, and of long ones pieces that overlap.
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { serve } from '../serve';
import { loadTransformersJs } from '../transformers-js-package';
import { readWorkload, timed, type WhisperResult } from './workload';

const [, , folder, name, place] = process.argv as string[] as [string, string, string, string, string];

await serve<WhisperResult[]>(async () => {
  const { model, cases } = readWorkload(folder);
  const { files } = cases[name]!;
  const { env, pipeline } = loadTransformersJs(place);
  env.allowRemoteModels = false;
  env.localModelPath = dirname(model);
  const hear = await pipeline('automatic-speech-recognition', basename(model), { dtype: 'fp32', device: 'cpu' });
  const write = async () => {
    const texts: string[] = [];
    for (const file of files) {
      const samples = soundOf(file);
      const isLong = samples.length > 30 * 16_000;
      const { text } = await hear(samples, isLong ? { chunk_length_s: 30, return_timestamps: true } : {});
      texts.push(text.trim());
    }
    return texts;
  };
  await write();
  return async (times) => {
    const results: WhisperResult[] = [];
    for (let time = 0; time < times; time++) results.push(await timed(write));
    return results;
  };
});

/** The samples of a file that this bench wrote: transformers.js has nothing that reads one in Node. */
function soundOf(file: string): Float32Array {
  const bytes = readFileSync(file);
  return Float32Array.from(
    { length: (bytes.length - 44) / 2 },
    (_, index) => bytes.readInt16LE(44 + 2 * index) / 32768,
  );
}
