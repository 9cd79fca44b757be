import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PolymodalError } from '@polymodal/core';
import { furnishedPlace, type Scene } from '../scene';
import { startChild } from '../start-child';
import { MixtureError } from '../writer';

/** Cuts a file short: readers say so by a typed error, or did not need it. */
export async function cut(scene: Scene, times: number): Promise<number> {
  const { name, writer, key, fault } = scene;
  if (name === 'writeReport' || name === 'exportOnnx' || name === 'download') return 0; // others read these
  for (let time = 0; time < times; time++) {
    const place = await furnishedPlace(scene);
    if (name === 'train') await beginRun(scene, place.folder, time);
    const files = readdirSync(place.folder, { recursive: true })
      .map((file) => join(place.folder, String(file)))
      .filter((file) => /json|safetensors|tfevents/.test(file) && statSync(file).isFile() && statSync(file).size > 0)
      .sort();
    if (files.length > 0) {
      const random = key.fold('cut').fold(time);
      const file = files[random.fold('file').integer(0, files.length)];
      const kept = random.fold('kept').integer(0, statSync(file).size);
      truncateSync(file, kept);
      const read = name === 'train' ? goOn(scene, place.folder) : writer.read(place.folder);
      await read.catch((error) => {
        if (PolymodalError.isInstance(error) && !(error instanceof MixtureError)) return;
        fault(`${file.slice(place.folder.length + 1)} cut at ${kept}: ${error}`);
      });
    }
    place.remove();
  }
  return times;
}

/** A run that was killed on its way. */
async function beginRun({ name, program, endpoint, key }: Scene, folder: string, time: number): Promise<void> {
  const { child, ready, ended } = startChild(program, [name, folder, endpoint, 'loop', '1']);
  await ready;
  await sleep(key.fold('begin').fold(time).integer(60, 300));
  child.kill('SIGKILL');
  await ended;
}

async function goOn({ writer }: Scene, folder: string): Promise<void> {
  await writer.write(folder, 'A', 0);
  await writer.read(folder);
}
