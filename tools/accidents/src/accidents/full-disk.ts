import { spawnSync } from 'node:child_process';
import { Place, type Scene } from '../scene';
import { lastLine, startChild } from '../start-child';

const megabytes = 24;
/** The largest that a writer here writes. */
const mostRoom = 3_000_000;

/** Mounts a small disk in the folder for the command that follows, which alone sees it. */
const withSmallDisk = ['unshare', '-rm', 'sh', '-c', `mount -t tmpfs -o size=${megabytes}m tmpfs "$0" && exec "$@"`];

/** Whether this machine lets us mount one. */
export function hasSmallDisks(): boolean {
  const place = new Place();
  const { status } = spawnSync(withSmallDisk[0], [...withSmallDisk.slice(1), place.folder, 'true']);
  place.remove();
  return status === 0;
}

/** Fills the disk up but for a random rest, and makes room again. */
export async function fullDisk({ name, program, endpoint, key, fault }: Scene, times: number): Promise<number> {
  if (!hasSmallDisks()) return 0;
  for (let time = 0; time < times; time++) {
    const place = new Place();
    const room = key.fold('room').fold(time).integer(0, mostRoom);
    const args = [name, `${place.folder}/place`, endpoint, 'full', String(room)];
    const { ended } = startChild(program, args, { through: [...withSmallDisk, place.folder] });
    const said = await ended;
    const faults = lastLine(said);
    if (!Array.isArray(faults)) fault(`with ${room} bytes of room: ${said.slice(-400)}`);
    else for (const message of faults) fault(`with ${room} bytes of room: ${message}`);
    place.remove();
  }
  return times;
}
