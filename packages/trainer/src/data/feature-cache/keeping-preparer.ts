import type { PreparedSample } from '@polymodal/core';
import type { Prepared, Preparer, PreparingTask } from '../preparing/sample-preparer';
import type { CacheRoom } from './cache-room';

/** Has samples kept on disk by whoever prepares them, as long as there is room. */
export class KeepingPreparer implements Preparer {
  readonly #preparer: Preparer;
  readonly #room: CacheRoom;

  constructor(preparer: Preparer, room: CacheRoom) {
    this.#preparer = preparer;
    this.#room = room;
  }

  async prepare(task: PreparingTask): Promise<Prepared> {
    const made = await this.#preparer.prepare({ ...task, mayKeep: this.#room.hasRoom });
    if (made.keptBytes > 0) await this.#room.add(made.keptBytes);
    return made;
  }

  recall(key: string): Promise<PreparedSample | undefined> {
    return this.#preparer.recall(key);
  }

  close(): Promise<void> {
    return this.#preparer.close();
  }
}
