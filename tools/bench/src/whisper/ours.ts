// A contender: Whisper on our side, from files to texts. Arguments: the folder of the workload, the case.
import { speechFamilies, transcribe } from '@polymodal/architectures/speech';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { serve } from '../serve';
import { readWorkload, timed, type WhisperResult } from './workload';

const [, , folder, name] = process.argv as string[] as [string, string, string, string];

await serve<WhisperResult[]>(async () => {
  const { model: from, cases } = readWorkload(folder);
  const { files, batch } = cases[name]!;
  registerOnnxBackend();
  await tf.setBackend('onnx');
  const { model } = await loadPretrained(speechFamilies, from);
  const write = async () => {
    const transcripts = await transcribe(model, files, { batchSize: batch });
    return transcripts.map(({ text }) => text);
  };
  await write(); // compiles
  return async (times) => {
    const results: WhisperResult[] = [];
    for (let time = 0; time < times; time++) results.push(await timed(write));
    return results;
  };
});
