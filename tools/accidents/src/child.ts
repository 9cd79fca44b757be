// A process that writes, and to which accidents happen: node child.mjs <writer> <folder> <endpoint> <task> [number]
// Tasks: "loop" writes both versions by turns, so many times or until it is killed; "once" writes the second; "full" lives on a
// small disk of its own and fills it up, but for so many bytes.
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OnnxBackendError } from '@polymodal/backend-onnx';
import { PolymodalError, useBackend } from '@polymodal/core';
import { MixtureError, type Version, type Writer } from './writer';
import { type WriterName, writers } from './writers';

/** What became of an attempt to write. */
export interface Attempt {
  readonly outcome: 'written' | 'refused' | 'untyped error';
  readonly error?: string;
}

const [name, folder, endpoint, task, number] = process.argv.slice(2);
await useBackend('cpu');
const writer: Writer = await writers[name as WriterName](endpoint);
if (task === 'loop') await loop(Number(number));
if (task === 'once') say(await attempt('B', 0));
if (task === 'full') say(await onFullDisk(Number(number)));

async function loop(times: number): Promise<void> {
  process.stdout.write('READY\n');
  const attempts: Attempt[] = [];
  for (let round = 0; round < times; round++) attempts.push(await attempt(round % 2 ? 'A' : 'B', round));
  say(attempts.filter(({ outcome }) => outcome === 'untyped error'));
}

async function attempt(version: Version, round: number): Promise<Attempt> {
  try {
    await writer.write(folder, version, round);
    return { outcome: 'written' };
  } catch (error) {
    const isTyped = PolymodalError.isInstance(error) || OnnxBackendError.isInstance(error);
    return { outcome: isTyped ? 'refused' : 'untyped error', error: String(error).slice(0, 300) };
  }
}

/** @returns what went wrong, besides that the disk was full */
async function onFullDisk(room: number): Promise<string[]> {
  const faults: string[] = [];
  const filler = join(dirname(folder), 'filler');
  mkdirSync(folder);
  if (name !== 'train') await writer.write(folder, 'A', 0);
  const { bavail, bsize } = statfsSync(dirname(folder));
  writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - room)));
  const full = await attempt('B', 1);
  if (full.outcome === 'untyped error') faults.push(`a full disk gives ${full.error}`);
  await requireWhole('after a full disk');
  rmSync(filler);
  const again = await attempt('B', 1);
  if (again.outcome !== 'written') faults.push(`with room again: ${again.error}`);
  await requireWhole('with room again');
  return faults;

  async function requireWhole(when: string): Promise<void> {
    await writer.read(folder).catch((error: Error) => {
      const what = error instanceof MixtureError ? 'a mixture' : 'unreadable';
      faults.push(`${when}, ${what}: ${error.message}; there are ${readdirSync(folder)}`);
    });
  }
}

function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
