// A conversation with a chat model, turn by turn, with and without a cache of prefixes: how long the first piece of each answer takes. Arguments:
// the model's folder, how many turns. Prints figures as JSON; the answers are the same, or it fails.
import { languageModels } from '@polymodal/architectures/language-models';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { cachePrefixes } from '@polymodal/generation';
import { loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import type { TurnFigures } from './workload';

const [, , folder, count] = process.argv as string[] as [string, string, string, string];
const system =
  'You are the guide of a small museum of clocks. Answer in one or two plain sentences, and never invent a date. The museum has four rooms: ' +
  'sundials and water clocks, tower clocks with their bells, pocket watches, and the workshop, in which an old lathe still runs on Sundays. It is ' +
  'open from nine to five but on Mondays, a ticket is five francs, and children pay nothing. Dogs stay outside. The café is behind the workshop.';
const questions = [
  'Good morning! What is there to be seen in your museum?',
  'I come with two children and a dog. What do we pay, and what becomes of the dog?',
  'Which of the rooms would you show to somebody who has but half an hour, and why that one?',
  'My grandfather repaired tower clocks. What would he have liked best among your things?',
  'Thank you. Where can we have a coffee afterwards, and until when?',
];

registerOnnxBackend();
await tf.setBackend('onnx');
const { model } = await loadPretrained(languageModels, folder);
await converse(2); // compiles
const whole = await converse(Number(count));
const prefixes = cachePrefixes(model);
const behind = await converse(Number(count));
const figures: TurnFigures = {
  whole: whole.seconds,
  behind: behind.seconds,
  tokens: prefixes.figures.tokens,
  reused: prefixes.figures.reused,
  bytes: prefixes.figures.bytes,
  same: whole.answers.join('\n') === behind.answers.join('\n'),
};
console.log(JSON.stringify(figures));

async function converse(turns: number): Promise<{ seconds: number[]; answers: string[] }> {
  const said = [{ role: 'system', content: system }];
  const [seconds, answers]: [number[], string[]] = [[], []];
  for (const question of questions.slice(0, turns)) {
    said.push({ role: 'user', content: question });
    const start = performance.now();
    const stream = model.stream({ text: said } as never, 'text', { doSample: false, maxNewTokens: 40 } as never);
    let [answer, first] = ['', 0];
    for await (const piece of stream) {
      first ||= performance.now();
      answer += String(piece);
    }
    seconds.push((first - start) / 1000);
    answers.push(answer);
    said.push({ role: 'assistant', content: answer });
  }
  return { seconds, answers };
}
