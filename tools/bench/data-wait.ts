// Which share of its time training waits for data that do not fit in memory, without and with workers, and with features kept on disk:
//
//   npm run bench:data-wait -- [--configs digits,pictures-and-sounds]
//
// Features are not kept in memory, so that every epoch reads, decodes and prepares all samples anew. Figures are of the last of three epochs:
// by then programs are compiled. The last line is JSON.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { useBackend } from '@polymodal/core';
import { train } from '@polymodal/trainer';
import { modelOf, streams, writeSamples } from './src/data-wait/streams';
import { describeMachine } from './src/machine';
import { parseBenchOptions } from './src/options';
import { temporaryFolder } from './src/temporary-folder';

type StreamName = keyof typeof streams;

const machine = describeMachine(); // before there is load of ours
const options = parseBenchOptions({ configs: Object.keys(streams), peers: [], rounds: 1 });
console.log(String(await useBackend()));
const configs: Record<string, Record<string, object>> = {};
for (const name of options.configs) {
  const stream = streams[name as StreamName];
  const folder = join(temporaryFolder(), name);
  mkdirSync(folder);
  const data = await writeSamples(stream, folder);
  const featureCache = join(folder, 'features');
  const ways = {
    'no workers': {},
    '1 worker': { workers: 1 },
    '2 workers': { workers: 2 },
    'new cache on disk': { featureCache },
    'cache on disk': { featureCache },
    'in memory': { cacheBytes: 2 ** 30 },
  };
  configs[name] = {};
  for (const [way, own] of Object.entries(ways)) {
    const model = modelOf(stream);
    const began = performance.now();
    const { epochs, seconds } = await train(model, {
      data,
      epochs: 3,
      batchSize: stream.batchSize,
      cacheBytes: 0,
      progress: false,
      ...own,
    });
    const whole = (performance.now() - began) / 1000;
    model.dispose();
    const last = epochs.at(-1)!;
    const figures = {
      dataWait: Number(last.dataWait.toFixed(4)),
      secondsPerEpoch: Number((last.seconds - epochs.at(-2)!.seconds).toFixed(3)),
      secondsBefore: Number((whole - seconds).toFixed(2)),
    };
    configs[name][way] = figures;
    console.log(
      `${name}, ${way}: ${(100 * figures.dataWait).toFixed(1)} % waiting, ${figures.secondsPerEpoch} s an epoch, ${figures.secondsBefore} s before the first step`,
    );
  }
}
console.log(JSON.stringify({ bench: 'data-wait', machine, configs }));
