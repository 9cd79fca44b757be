// A contender: GPT-2 on our side, which continues a prompt by 64 tokens.
import { languageModels } from '@polymodal/architectures/language-models';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { type Fused, inferenceContext } from '@polymodal/core';
import type { LanguageModelHead } from '@polymodal/head-text';
import { loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { serveCalls } from '../calls/serve-calls';
import { readInput } from './read-input';

await serveCalls('ours', async (folder) => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
  const { model } = await loadPretrained(languageModels, folder);
  const head = model.heads.text as LanguageModelHead;
  const prompt = readInput(folder, 'input_ids').data as Int32Array;
  const context = { ...inferenceContext(), mayCompile: true };
  const options = head.predictOptions.parse({ maxNewTokens: 64, minNewTokens: 64 });
  // What `predict` does with a text, but for the tokenizer, which no contender has.
  return async () => {
    const features = {
      inputIds: tf.tensor2d(prompt, [1, prompt.length], 'int32'),
      mask: tf.ones<tf.Rank.R2>([1, prompt.length]),
    };
    const batch = { size: 1, modalities: { text: { rows: Int32Array.of(0), features } }, targets: {} };
    const fused = tf.tidy(() => model.forward(batch, context).fused as unknown as tf.TensorContainer);
    const production = head.produce({ fused: fused as unknown as Fused, parent: undefined }, context, options);
    let next = await production.next();
    while (!next.done) next = await production.next();
    const ids = await next.value.ids!.data();
    tf.dispose([fused, Object.values(features), { ...next.value } as tf.TensorContainerObject]);
    return Float32Array.from([...prompt, ...ids]);
  };
});
