import { useBackend } from '@polymodal/core';
import { train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs';
import { prepareDigits } from '/work/main/apps/examples/digits/src/data';
import { digitsModel } from '/work/main/apps/examples/digits/src/digits-model';

console.log(String(await useBackend()));
const data = await prepareDigits({});
const take = (l: any, n: number) =>
  Array.from({ length: Math.min(n, l.length) }, (_, i) => {
    const { image, audio, text, targets } = l.get(i);
    return { image, audio, text, targets: { digit: targets.digit } };
  });
const model = digitsModel('masked-transformer', 0);
const t0 = Date.now();
let tl = Date.now();
const r = await train(model, {
  data: take(data.train, 2048),
  evaluate: take(data.test, 500),
  epochs: Number(process.argv[2] ?? 3),
  batchSize: 64,
  modalityDropout: 0.5,
  lossWeights: { match: 0.3 },
  learningRate: 2e-3,
  progress: false,
  directory: '/tmp/bench-run',
  resume: false,
  onEpoch: (e) => {
    const b = tf.backend() as any;
    console.log(
      e.epoch,
      e.loss.toFixed(3),
      ((Date.now() - tl) / 1000).toFixed(1) + 's',
      JSON.stringify(b.statistics?.() ?? b.statistics ?? b.counts),
    );
    tl = Date.now();
  },
});
for (const [k, v] of Object.entries(r.subsets!))
  console.log(
    k,
    v.digit?.metrics.accuracy,
    v.digit.count,
    v.digit.intervals.accuracy,
    JSON.stringify(v.match?.metrics),
  );
console.log('seconds', r.seconds, 'total', (Date.now() - t0) / 1000, 'rss', process.resourceUsage().maxRSS / 1024);
