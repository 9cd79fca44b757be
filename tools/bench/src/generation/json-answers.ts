// Answers of a chat model that are constrained to a schema, drawn at temperature 1: how many parse, and what a token costs. Arguments: the
// model's folder, how many answers. Prints figures as JSON.
import { languageModels } from '@polymodal/architectures/language-models';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import type { WrittenText } from '@polymodal/head-text';
import { loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { fits, reviewSchema, reviews } from './reviews';

const [, , folder, count] = process.argv as string[] as [string, string, string, string];
registerOnnxBackend();
await tf.setBackend('onnx');
const { model } = await loadPretrained(languageModels, folder);
let [whole, parsed, cut, tokens] = [0, 0, 0, 0];
const size = 20;
const start = performance.now();
for (let seed = 0; whole < Number(count); seed++) {
  const samples = Array.from({ length: Math.min(size, Number(count) - whole) }, (_, index) => ({
    text: [{ role: 'user', content: `Say as JSON how this review is: ${reviews[index % reviews.length]}` }],
  }));
  const options = {
    doSample: true,
    temperature: 1,
    topK: 0,
    maxNewTokens: 80,
    constraint: { schema: reviewSchema },
    seed,
  };
  for (const { text } of await model.predict(samples as never, { heads: { text: options as never } })) {
    const answer = text as WrittenText;
    whole++;
    tokens += answer.ids.length;
    if (answer.finishReason === 'length') cut++;
    else if (fits(JSON.parse(answer.text))) parsed++;
  }
}
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ answers: whole, parsed, cut, tokens, tokensPerSecond: tokens / seconds }));
