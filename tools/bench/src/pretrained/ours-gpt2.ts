// A contender: GPT-2 on our side, which continues a prompt by 64 tokens.
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { gpt2LanguageModel } from '@polymodal/encoder-text/pretrained';
import { generateTokens } from '@polymodal/generation';
import { loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { serveCalls } from '../calls/serve-calls';
import { readInput } from './read-input';

await serveCalls('ours', async (folder) => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
  const { model } = await loadPretrained([gpt2LanguageModel], folder);
  const prompt = readInput(folder, 'input_ids').data as Int32Array;
  return async () => {
    const ids = [...prompt];
    for await (const [token] of generateTokens(model.decoder, [prompt], { maxNewTokens: 64, minNewTokens: 64 })) {
      ids.push(token!.id);
    }
    return Float32Array.from(ids);
  };
});
