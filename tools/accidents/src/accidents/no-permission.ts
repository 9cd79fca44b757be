import { chmodSync, chownSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Attempt } from '../child';
import { furnishedPlace, type Scene } from '../scene';
import { lastLine, startChild } from '../start-child';

const nobody = 65_534;

/** Takes the right to write away: from the folder, or from those in it. Root has every right, and writes as nobody. */
export async function noPermission(scene: Scene, times: number): Promise<number> {
  const { name, writer, program, endpoint, fault } = scene;
  const asRoot = process.getuid?.() === 0;
  for (let time = 0; time < times; time++) {
    const place = await furnishedPlace(scene);
    for (const path of pathsIn(place.folder)) {
      if (asRoot) chownSync(path, nobody, nobody);
      if (time % 2 === 0 || path !== place.folder) chmodSync(path, statSync(path).isDirectory() ? 0o555 : 0o444);
    }
    const options = asRoot ? { uid: nobody, gid: nobody } : {};
    const { ended } = startChild(program, [name, place.folder, endpoint, 'once'], options);
    const said = await ended;
    const attempt = lastLine(said) as Attempt | undefined;
    if (attempt?.outcome === undefined) fault(`without permission: ${said.slice(-300)}`);
    if (attempt?.outcome === 'untyped error') fault(`without permission: ${attempt.error}`);
    for (const path of pathsIn(place.folder)) chmodSync(path, statSync(path).isDirectory() ? 0o755 : 0o644);
    await writer.read(place.folder).catch((error) => fault(`without permission: ${error}`));
    if (place.lost().length > 0) fault(`lost without permission: ${place.lost()}`);
    place.remove();
  }
  return times;
}

function pathsIn(folder: string): string[] {
  return [folder, ...readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)))];
}
