// Answers of a chat model that are constrained to a schema, drawn at temperature 1: how many parse, and what a token costs. Arguments: the
// model's folder, how many answers. Prints figures as JSON.
import { languageModels } from '@polymodal/architectures/language-models';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import type { WrittenText } from '@polymodal/head-text';
import { loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';

const [, , folder, count] = process.argv as string[] as [string, string, string, string];
const schema = {
  type: 'object',
  properties: {
    mood: { enum: ['good', 'bad', 'neither'] },
    stars: { type: 'integer', minimum: 1, maximum: 5 },
    words: { type: 'array', items: { type: 'string', minLength: 1, maxLength: 10 }, maxItems: 2 },
  },
  required: ['mood', 'stars', 'words'],
};
const reviews = ['The soup was cold.', 'Wonderful, we will come again!', 'Es war ganz in Ordnung.', '犬も喜びました。'];

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
  const options = { doSample: true, temperature: 1, topK: 0, maxNewTokens: 80, constraint: { schema }, seed };
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

function fits({ mood, stars, words, ...others }: Record<string, unknown>): boolean {
  return (
    ['good', 'bad', 'neither'].includes(mood as string) &&
    Number.isInteger(stars) &&
    (stars as number) >= 1 &&
    (stars as number) <= 5 &&
    Array.isArray(words) &&
    words.length <= 2 &&
    words.every((word) => typeof word === 'string' && [...word].length >= 1 && [...word].length <= 10) &&
    Object.keys(others).length === 0
  );
}
