import { furnishedPlace, type Scene } from '../scene';
import { lastLine, startChild } from '../start-child';

/** Two processes write into one folder while a third reads. @returns how often it read */
export async function secondProcess(scene: Scene, times: number): Promise<number> {
  const { name, writer, program, endpoint, fault } = scene;
  const place = await furnishedPlace(scene);
  const rounds = name === 'train' ? 1 : 2 * times;
  const processes = [0, 1].map(() => startChild(program, [name, place.folder, endpoint, 'loop', String(rounds)]));
  let isOver = false;
  const all = Promise.all(processes.map(({ ended }) => ended)).finally(() => {
    isOver = true;
  });
  let reads = 0;
  while (!isOver) {
    await writer.read(place.folder).catch((error) => fault(`read while two write: ${error}`));
    reads++;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  for (const said of await all) {
    const untyped = lastLine(said);
    if (!Array.isArray(untyped) || untyped.length > 0) fault(`two that write: ${said.slice(0, 400)}`);
  }
  await writer.write(place.folder, 'A', 0).catch((error) => fault(`after two wrote: ${error}`));
  const found = await writer.read(place.folder).catch((error) => fault(`after two wrote: ${error}`));
  if (found !== 'A') fault(`after two wrote: ${found}`);
  if (place.lost().length > 0) fault(`lost by two that write: ${place.lost()}`);
  place.remove();
  return Math.min(reads, times);
}
