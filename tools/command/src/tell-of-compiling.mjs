// A hook of Node's: says how far it is while many sources are loaded, which at the first call are compiled one by one.
import { writeSync } from 'node:fs';

/** Milliseconds before something is said, and between two lines. */
const [patience, interval] = [3000, 5000];
/** Of a pause, after which it is another load that counts anew: what is compiled already comes quickly. */
const pause = 1000;

let [files, since, last, told] = [0, 0, 0, 0];

/** @type {import('node:module').LoadHook} */
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  const now = performance.now();
  if (now - last > pause) [files, since] = [0, now];
  last = now;
  files++;
  if (now - since > patience && now - told > interval) {
    told = now;
    writeSync(2, `Compiling the sources, ${files} files so far. The next call finds them compiled …\n`);
  }
  return loaded;
}
