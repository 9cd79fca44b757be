// How much of a pretrained encoder has to learn: all-MiniLM-L6-v2 on real mails, spam or not, tuned in full, in its last layers, in its biases,
// by LoRA, also beside weights of 8 bits, and not at all, each in a process of its own, one after the other:
//
//   MINILM=<its folder> pnpm bench:tuning [--configs full,lora,lora-int8,head] [--quick]
//
// The last line is JSON.
import { wilsonInterval } from '@polymodal/trainer';
import { bundle } from './src/bundle';
import { Contender } from './src/contender';
import { describeMachine } from './src/machine';
import { minilmFolder } from './src/minilm-folder';
import { parseBenchOptions } from './src/options';
import type { TuningResult } from './src/tuning/ours';
import { ways } from './src/tuning/ways';

const options = parseBenchOptions({ configs: Object.keys(ways), peers: [], rounds: 1, quick: false });
const mails = options.quick ? { training: 160, heldOut: 100 } : { training: 600, heldOut: 1000 };
const from = minilmFolder();
const machine = describeMachine();
const script = await bundle(new URL('src/tuning/ours.ts', import.meta.url), 'tuning');
const results: Record<string, TuningResult & { readonly peakRssBytes: number }> = {};
for (const name of options.configs) {
  const args = [script, from, name, String(mails.training), String(mails.heldOut)];
  const contender = (await Contender.start<TuningResult>({ command: process.execPath, args }))!;
  const result = await contender.run(1);
  results[name] = { ...result, peakRssBytes: await contender.finish() };
  console.log(describe(name, results[name]));
}
console.log(JSON.stringify({ bench: 'tuning', machine, mails, ways: results }));

function describe(name: string, { right, asked, seconds, learned, peakRssBytes }: (typeof results)[string]): string {
  const { low, high } = wilsonInterval(right / asked, asked);
  const share = (value: number) => (100 * value).toFixed(1);
  return `${name}: ${share(right / asked)} % right (${share(low)} to ${share(high)}), ${seconds.toFixed(1)} s, ${(peakRssBytes / 2 ** 20).toFixed(0)} MiB, ${learned} of the encoder's parameters`;
}
