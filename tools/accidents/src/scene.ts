import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RandomKey } from '@polymodal/core';
import type { Writer } from './writer';
import type { WriterName } from './writers';

/** What accidents happen to. */
export interface Scene {
  readonly name: WriterName;
  readonly writer: Writer;
  /** The program of {@link startChild}. */
  readonly program: string;
  readonly endpoint: string;
  readonly key: RandomKey;
  /** Is told of everything that is not as it should be. */
  fault(message: string): void;
}

/** A folder that a writer writes into, with things of its user in it and beside it. */
export class Place {
  private readonly root = mkdtempSync(join(tmpdir(), 'polymodal-accident-'));
  readonly folder = join(this.root, 'place');
  private isFurnished = false;

  constructor() {
    mkdirSync(this.folder);
    chmodSync(this.root, 0o755); // another user looks at it, too
  }

  /** Puts the user's things there. Their names are those that careless writers take for their own. */
  addBelongings(): void {
    this.isFurnished = true;
    for (const name of belongings) {
      const path = join(this.folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, theirs);
    }
  }

  /** The user's things that are lost or changed. */
  lost(): string[] {
    if (!this.isFurnished) return [];
    return belongings.filter((name) => {
      const path = join(this.folder, name);
      return !existsSync(path) || readFileSync(path, 'utf8') !== theirs;
    });
  }

  /** Files that are neither the user's nor for anyone to read. */
  leftovers(): string[] {
    const names = readdirSync(this.folder, { recursive: true }).map(String);
    return names.filter((name) => /\.tmp$|(^|\/)\.polymodal($|\/)/.test(name) && !belongings.includes(name));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

const theirs = "the user's own";
const belongings = [
  'README.md',
  'notes/a.txt',
  'notes.tmp',
  '../place.saving/a.txt',
  '../place.previous/a.txt',
  '../place.tmp',
];

/** A place with a first version and the user's things. A run of training is begun by the accident itself. */
export async function furnishedPlace({ name, writer }: Scene): Promise<Place> {
  const place = new Place();
  if (name !== 'train') {
    await writer.write(place.folder, 'A', 0);
    place.addBelongings();
  }
  return place;
}

/** Whether a writer takes away what an attempt left that was killed. Downloads go on from it, exports have no lock to know by. */
export function leavesNothing(name: WriterName): boolean {
  return name !== 'download' && name !== 'exportOnnx';
}
