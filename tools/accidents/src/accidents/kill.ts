import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { furnishedPlace, leavesNothing, type Scene } from '../scene';
import { startChild } from '../start-child';
import type { WriterName } from '../writers';

/** Longer than a writer takes for a round, in milliseconds; a run of training is longer than others. */
const longestLife = (name: WriterName) => (name === 'train' ? 1000 : 120);

/** Kills the writing process again and again, at random moments. */
export async function kill(scene: Scene, times: number): Promise<number> {
  const { name, writer, program, endpoint, key, fault } = scene;
  let place = await furnishedPlace(scene);
  for (let time = 0; time < times; time++) {
    const { child, ready, ended } = startChild(program, [name, place.folder, endpoint, 'loop', '1000000']);
    await ready;
    const life = key.fold('life').fold(time).integer(0, longestLife(name));
    await sleep(life);
    child.kill('SIGKILL');
    const said = await ended;
    if (/Error/.test(said)) fault(`said before it was killed: ${said.slice(-300)}`);
    const found = await writer.read(place.folder).catch((error) => fault(`killed after ${life} ms: ${error}`));
    if (found === 'nothing' && name !== 'train') fault(`killed after ${life} ms: the former version is gone`);
    if (name === 'train' && existsSync(join(place.folder, 'config.json'))) place.addBelongings();
    if (time % 4 === 3) {
      await writer.write(place.folder, 'A', 0).catch((error) => fault(`does not go on after a kill: ${error}`));
      const after = await writer.read(place.folder).catch((error) => fault(`written after a kill: ${error}`));
      if (after !== 'A') fault(`written after a kill: ${after}`);
      const leftovers = leavesNothing(name) ? place.leftovers() : [];
      if (leftovers.length > 0) fault(`left by the killed: ${leftovers}`);
      if (place.lost().length > 0) fault(`lost by kills: ${place.lost()}`);
      place.remove();
      place = await furnishedPlace(scene);
    }
  }
  place.remove();
  return times;
}
