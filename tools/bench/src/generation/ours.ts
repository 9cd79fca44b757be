// A contender: a language model on our side. Arguments: the model's folder, a workload as JSON, how many runs. Prints its figures as JSON.
import { languageModels } from '@polymodal/architectures/language-models';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import type { CausalEncoder } from '@polymodal/generation';
import { CachedTokenDecoder, decodeThrough, generateTokens } from '@polymodal/generation';
import type { LanguageModelHead } from '@polymodal/head-text';
import { loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { median } from '../median';
import { peakRssBytes } from '../peak-memory';
import type { GenerationFigures, GenerationWorkload } from './workload';

const [, , folder, given, runs] = process.argv as string[] as [string, string, string, string, string];
const { prompts, newTokens } = JSON.parse(given) as GenerationWorkload;
registerOnnxBackend();
await tf.setBackend('onnx');
const { model } = await loadPretrained(languageModels, folder);
const head = model.heads.text as LanguageModelHead;
const encoder = model.encoders.text as CausalEncoder;
const decoder = new CachedTokenDecoder({
  cacheSizes: encoder.cacheSizes,
  maxLength: encoder.maxPositionEmbeddings,
  vocabSize: head.vocabSize,
  decode: ({ features }, before) => {
    const { last, past } = decodeThrough(encoder, features, before);
    return { outputs: { logits: head.logits(last) }, past };
  },
});

const rates: number[] = [];
const firsts: number[] = [];
let ids: number[][] = [];
for (let run = 0; run <= Number(runs); run++) {
  ids = prompts.map(() => []);
  const start = performance.now();
  let first = 0;
  const options = { maxNewTokens: newTokens, eosTokenId: [] };
  const rows = prompts.map((prompt) => Int32Array.from(prompt));
  for await (const turn of generateTokens(decoder, rows, options)) {
    first ||= performance.now();
    for (const { index, id } of turn) ids[index]!.push(id);
  }
  if (run === 0) continue; // compiles
  rates.push((1000 * prompts.length * (newTokens - 1)) / (performance.now() - first));
  firsts.push((first - start) / 1000);
}
const figures: GenerationFigures = {
  tokensPerSecond: median(rates),
  firstTokenSeconds: median(firsts),
  peakRssBytes: peakRssBytes(),
  ids,
};
console.log(JSON.stringify(figures));
