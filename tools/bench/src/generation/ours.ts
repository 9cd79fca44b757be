// A contender: a language model on our side. Arguments: the model's folder, a workload as JSON, how many runs. Prints its figures as JSON.
import { languageModels } from '@polymodal/architectures/language-models';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { compiled, inferenceContext } from '@polymodal/core';
import {
  beginSequence,
  CachedTokenDecoder,
  type CausalEncoder,
  generateTokens,
  layersAlone,
  sequenceProgram,
} from '@polymodal/generation';
import type { LanguageModelHead } from '@polymodal/head-text';
import { loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { peakRssBytes } from '../peak-memory';
import { GenerationTimes } from './generation-times';
import type { GenerationFigures, GenerationWorkload } from './workload';

const [, , folder, given, runs] = process.argv as string[] as [string, string, string, string, string];
const { prompts, newTokens } = JSON.parse(given) as GenerationWorkload;
registerOnnxBackend();
await tf.setBackend('onnx');
const { model } = await loadPretrained(languageModels, folder);
const head = model.heads.text as LanguageModelHead;
const encoder = model.encoders.text as CausalEncoder;
// What the fusion and the head of a language model do in `predict`, from ids on.
const layers = layersAlone(encoder);
const logits = compiled(({ last }: { last: tf.Tensor2D }) => ({ logits: head.logits(last) }), {
  dynamicAxes: { last: { 0: 'rows' } },
  takesTurns: true,
});
const pass = sequenceProgram(layers).pass((last) => logits({ last }).logits);
const sizes = { vocabSize: head.vocabSize, maxLength: encoder.maxPositionEmbeddings };
const decoder = new CachedTokenDecoder(sizes, pass);
const length = Math.ceil(Math.max(...prompts.map((prompt) => prompt.length)) / 16) * 16;
const ids = filled((prompt) => prompt);
const mask = filled((prompt) => prompt.map(() => 1));

const times = new GenerationTimes();
let written: number[][] = [];
for (let run = 0; run <= Number(runs); run++) {
  written = prompts.map(() => []);
  times.begin();
  const options = { maxNewTokens: newTokens, eosTokenId: [] };
  const begun = begin();
  const kept = { caches: begun.caches, places: prompts.map((prompt) => [...prompt.keys()]) };
  const rows = prompts.map((prompt) => ({ ids: Int32Array.from(prompt), length: prompt.length }));
  for await (const turn of generateTokens(decoder.behind(kept, begun.logits), rows, options)) {
    times.turn();
    for (const { index, id } of turn) written[index]!.push(id);
  }
  for (const cache of begun.caches) tf.dispose({ ...cache });
  if (run > 0) times.end(prompts.length * (newTokens - 1)); // the first compiles
}
const figures: GenerationFigures = {
  ...times.figures,
  peakRssBytes: peakRssBytes(),
  ids: written,
};
console.log(JSON.stringify(figures));

/** Runs the prompts: their keys and values, and the logits of what follows. */
function begin() {
  let next = new Float32Array();
  const caches = tf.tidy(() => {
    const inputIds = tf.tensor2d(ids, [prompts.length, length], 'int32');
    const features = { inputIds, mask: tf.tensor2d(mask, [prompts.length, length]) };
    const context = { ...inferenceContext(), mayCompile: true };
    const { encoded, causal } = beginSequence(layers, { features, ids: inputIds }, context);
    const ends = prompts.map((prompt, row) => row * length + prompt.length - 1);
    const tokens = tf.reshape(encoded.tokens, [prompts.length * length, encoder.hiddenSize]);
    const last = tf.gather(tokens, tf.tensor1d(ends, 'int32')) as tf.Tensor2D;
    next = logits({ last }).logits.dataSync() as Float32Array<ArrayBuffer>;
    return causal.caches.map((cache) => ({ ...cache }));
  });
  return { caches, logits: next };
}

/** Values of each prompt, with zeros behind them. */
function filled(values: (prompt: readonly number[]) => readonly number[]): number[] {
  return prompts.flatMap((prompt) => [...values(prompt), ...new Array<number>(length - prompt.length).fill(0)]);
}
