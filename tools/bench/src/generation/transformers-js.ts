// A contender: the same model in transformers.js, written for it by export_onnx.py. Arguments: as ours.ts, but
// for the folder, which is the exported one; and how many threads.
import { peakRssBytes } from '../peak-memory';
import { loadLocal, loadTransformersJs, transformersFolder } from '../transformers-js-package';
import { GenerationTimes } from './generation-times';
import type { GenerationFigures, GenerationWorkload } from './workload';

const [, , folder, given, runs, threads] = process.argv as [string, string, string, string, string, string];
const { prompts, newTokens } = JSON.parse(given) as GenerationWorkload;
const transformers = loadTransformersJs(transformersFolder);
const model = await loadLocal(transformers, transformers.AutoModelForCausalLM, folder, Number(threads));
const width = Math.max(...prompts.map(({ length }) => length));
const padded = (values: (prompt: readonly number[]) => number[]) => {
  const rows = prompts.flatMap((prompt) => [...new Array<number>(width - prompt.length).fill(0), ...values(prompt)]);
  return new transformers.Tensor('int64', BigInt64Array.from(rows, BigInt), [prompts.length, width]);
};

const times = new GenerationTimes();
let ids: number[][] = [];
for (let run = 0; run <= Number(runs); run++) {
  let turns = 0;
  const streamer = {
    put: () => {
      if (turns++ === 1) times.turn(); // the prompt is told before
    },
    end: () => undefined,
  };
  times.begin();
  const { data } = await model.generate({
    inputs: padded((prompt) => [...prompt]),
    attention_mask: padded((prompt) => prompt.map(() => 1)),
    do_sample: false,
    max_new_tokens: newTokens,
    min_new_tokens: newTokens,
    streamer,
  });
  if (run > 0) times.end(prompts.length * (newTokens - 1)); // the first makes its buffers
  const whole = Array.from(data, Number);
  ids = prompts.map((_, row) => whole.slice(row * (width + newTokens) + width, (row + 1) * (width + newTokens)));
}
const figures: GenerationFigures = {
  ...times.figures,
  peakRssBytes: peakRssBytes(),
  ids,
};
console.log(JSON.stringify(figures));
