// All accidents to one writer: node check-writer.mjs <writer> <child program> <endpoint> <seed> <moments>
import { RandomKey, useBackend } from '@polymodal/core';
import { cut } from './accidents/cut';
import { fullDisk } from './accidents/full-disk';
import { kill } from './accidents/kill';
import { noPermission } from './accidents/no-permission';
import { secondProcess } from './accidents/second-process';
import type { Scene } from './scene';
import { type WriterName, writers } from './writers';

/** What came of it: how many moments of each kind, and all that was not as it should be. */
export interface Result {
  readonly moments: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

const [name, program, endpoint, seed, count] = process.argv.slice(2);
await useBackend('cpu');
const faults: string[] = [];
const scene: Scene = {
  name: name as WriterName,
  writer: await writers[name as WriterName](endpoint),
  program,
  endpoint,
  key: RandomKey.from(Number(seed)).fold(name),
  fault: (message) => faults.push(`${name}: ${message}`),
};
const kills = Math.ceil(Number(count) * 0.6);
const others = Math.ceil(Number(count) * 0.1);
const moments = {
  kills: await kill(scene, kills),
  'full disks': await fullDisk(scene, others),
  'lost permissions': await noPermission(scene, others),
  'cut files': await cut(scene, others),
  'second processes': await secondProcess(scene, others),
};
process.stdout.write(`${JSON.stringify({ moments, faults } satisfies Result)}\n`);
process.exit(0);
