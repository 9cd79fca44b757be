import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LockedError, StorageError } from '../../errors';
import { temporaryFolder } from '../../testing/temporary-folder';
import { writeDurably } from '../replace-file';
import type { FolderKind } from './folder-kind';
import { holdFolder } from './hold-folder';
import { readFolder } from './read-folder';
import { writeFolder } from './write-folder';
import { describeContent, type WrittenFile, type WrittenFiles } from './written-files';

/** Lets a number of changes to the file system through, and none after them, as for a process that is killed. */
const life = vi.hoisted(() => ({ changes: 0, limit: Number.POSITIVE_INFINITY }));

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const mortal = <Args extends unknown[], R>(change: (...args: Args) => Promise<R>) => {
    return async (...args: Args) => {
      if (++life.changes > life.limit) throw new Error('killed');
      return change(...args);
    };
  };
  const { rename, rm, rmdir, mkdir, writeFile, open } = real;
  return {
    ...real,
    rename: mortal(rename),
    rm: mortal(rm),
    rmdir: mortal(rmdir),
    mkdir: mortal(mkdir as (...args: unknown[]) => Promise<unknown>),
    writeFile: mortal(writeFile),
    open: mortal(open),
  };
});

/** A folder such as Python's: a config, weights, and a file that not all have; and a list of them. */
const kind: FolderKind = {
  writer: 'the test',
  manifest: 'list.json',
  listed: (content) => JSON.parse(new TextDecoder().decode(content)),
  entries: ['config.json'],
};

type Contents = Readonly<Record<string, string>>;

function write(directory: string, contents: Contents): Promise<WrittenFiles> {
  return writeFolder(directory, kind, async (folder) => {
    const files: Record<string, WrittenFile> = {};
    for (const [name, content] of Object.entries(contents)) {
      if (name.includes('/')) mkdirSync(join(folder, name, '..'), { recursive: true });
      await writeDurably(join(folder, name), content);
      files[name] = describeContent(content);
    }
    return { files, manifest: JSON.stringify(files) };
  });
}

/** What a reader of ours finds. */
function read(directory: string): Promise<Contents> {
  return readFolder(directory, kind, async (view) => {
    const files: WrittenFiles = JSON.parse(readFileSync(view.path('list.json'), 'utf8'));
    const contents = Object.keys(files).map((name) => [name, readFileSync(view.path(name), 'utf8')]);
    await view.requireUnchanged();
    return Object.fromEntries(contents);
  });
}

/** What a reader finds that knows nothing of lists: nothing without a config. */
function readNaively(directory: string): Contents | undefined {
  if (!existsSync(join(directory, 'config.json'))) return undefined;
  const names = ['config.json', 'weights', 'weights-1', 'processors/vocabulary'];
  const present = names.filter((name) => existsSync(join(directory, name)));
  return Object.fromEntries(present.map((name) => [name, readFileSync(join(directory, name), 'utf8')]));
}

/** Writes, and dies after a number of changes. @returns whether it lived */
async function writeAndDie(directory: string, contents: Contents, limit: number): Promise<boolean> {
  Object.assign(life, { changes: 0, limit });
  const lived = await write(directory, contents).then(
    () => true,
    (error) => {
      expect(error.message).toBe('killed');
      return false;
    },
  );
  life.limit = Number.POSITIVE_INFINITY;
  rmSync(join(directory, '.polymodal', 'lock'), { force: true }); // this process lives
  return lived;
}

const former: Contents = { 'config.json': 'A', weights: 'of A', 'processors/vocabulary': 'both' };
const changes: Readonly<Record<string, Contents>> = {
  'other weights': { ...former, weights: 'of B' },
  'all files': { 'config.json': 'B', weights: 'of B', 'processors/vocabulary': 'B' },
  'fewer files, and others': { 'config.json': 'B', 'weights-1': 'of B' },
  'other weights and one file less': { 'config.json': 'A', weights: 'of B' },
};

let directory: string;

beforeEach(() => {
  directory = join(temporaryFolder(), 'model');
});

describe('writeFolder', () => {
  it.each(Object.entries(changes))(
    'changes %s, and a death at any moment leaves the former or the new',
    async (_, next) => {
      for (let limit = 0, lived = false; !lived; limit++) {
        directory = join(temporaryFolder(), 'model');
        await write(directory, former);
        writeFileSync(join(directory, 'README.md'), "the user's own");
        lived = await writeAndDie(directory, next, limit);
        const found = await read(directory);
        expect([former, next]).toContainEqual(found);
        if (lived) expect(found).toEqual(next);
        expect([undefined, former, next]).toContainEqual(readNaively(directory));
        if (next === changes['other weights']) expect(readNaively(directory)).toBeDefined(); // one rename
        await write(directory, limit % 2 ? former : { ...next, weights: 'of C' }); // goes on from there
        expect(readNaively(directory)).toEqual(await read(directory));
        expect(readdirSync(directory)).not.toContain('.polymodal');
        expect(readFileSync(join(directory, 'README.md'), 'utf8')).toBe("the user's own");
      }
    },
  );

  it('leaves nothing, or what was begun, where it dies writing the first', async () => {
    for (let limit = 0, lived = false; !lived; limit++) {
      directory = join(temporaryFolder(), 'model');
      lived = await writeAndDie(directory, former, limit);
      expect([undefined, former]).toContainEqual(await read(directory).catch(() => undefined));
      await write(directory, changes['all files']);
      expect(await read(directory)).toEqual(changes['all files']);
    }
  });

  it('leaves what a writer that failed had written, and no trace of it', async () => {
    await write(directory, former);
    const failing = writeFolder(directory, kind, async (folder) => {
      await writeDurably(join(folder, 'weights'), 'of B');
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(await read(directory)).toEqual(former);
    expect(readdirSync(directory).sort()).toEqual(['config.json', 'list.json', 'processors', 'weights']);
  });

  it('refuses to take the place of a file that it did not write', async () => {
    await write(directory, { 'config.json': 'A' });
    writeFileSync(join(directory, 'weights'), "the user's own");
    await expect(write(directory, former)).rejects.toThrow(/weights: .* a file of someone else/);
    expect(await read(directory)).toEqual({ 'config.json': 'A' });
    rmSync(join(directory, 'weights'));
    writeFileSync(join(directory, 'processors'), "the user's own");
    await expect(write(directory, former)).rejects.toThrow(/processors: expected a folder/);
  });

  it('keeps a file that was changed since and that it would only remove', async () => {
    await write(directory, former);
    writeFileSync(join(directory, 'processors/vocabulary'), "the user's own");
    await write(directory, changes['fewer files, and others']);
    expect(readFileSync(join(directory, 'processors/vocabulary'), 'utf8')).toBe("the user's own");
    expect(existsSync(join(directory, 'weights'))).toBe(false);
  });

  it('refuses a folder that another kind of writer has not finished', async () => {
    mkdirSync(join(directory, '.polymodal', 'committed-other.json'), { recursive: true });
    await expect(write(directory, former)).rejects.toThrow('one that another writer has not finished');
  });
});

describe('readFolder', () => {
  it('finds files of one moment while others are written', async () => {
    const next = changes['all files'];
    await write(directory, former);
    let done = false;
    const writing = (async () => {
      for (let round = 0; round < 10; round++) await write(directory, round % 2 ? former : next);
    })().finally(() => {
      done = true;
    });
    while (!done) expect([former, next]).toContainEqual(await read(directory));
    await writing;
  });
});

describe('holdFolder', () => {
  it('replaces files one at a time, and lets no second writer in', async () => {
    const held = await holdFolder(directory);
    await held.replaceFile('a.txt', 'first');
    await held.replaceFile('a.txt', 'second');
    expect(readFileSync(join(directory, 'a.txt'), 'utf8')).toBe('second');
    await expect(holdFolder(directory)).rejects.toThrow(LockedError);
    await expect(held.replaceFile('none/a.txt', '')).rejects.toThrow(StorageError);
    await held.release();
    expect(readdirSync(directory)).toEqual(['a.txt']);
  });

  it('can be held again where it was moved to meanwhile', async () => {
    const held = await holdFolder(join(directory, 'before'));
    renameSync(join(directory, 'before'), join(directory, 'after'));
    await expect(held.requireHeld()).rejects.toThrow(/received none: it was moved or removed/);
    await held.release();
    await (await holdFolder(join(directory, 'after'))).release();
  });

  it('is refused at once in a place that takes no folders', async () => {
    mkdirSync(directory);
    writeFileSync(join(directory, 'file'), '');
    const places = [join(directory, 'file'), join(directory, 'file', 'below'), 'a\0b'];
    if (process.platform === 'linux') places.push('/proc/none', '/proc/none/below');
    for (const place of places) await expect(holdFolder(place)).rejects.toThrow(StorageError);
  });

  it.skipIf(process.platform === 'win32')('does not follow a link in the place of its workshop', async () => {
    const elsewhere = join(directory, '..', 'elsewhere');
    for (const target of [elsewhere, join(elsewhere, 'none')]) {
      mkdirSync(elsewhere, { recursive: true });
      mkdirSync(directory, { recursive: true });
      symlinkSync(target, join(directory, '.polymodal'));
      await expect(holdFolder(directory)).rejects.toThrow(StorageError);
      await expect(holdFolder(directory)).rejects.toThrow(
        /\.polymodal: expected no entry .*, received a symbolic link/,
      );
      expect(readdirSync(elsewhere)).toEqual([]);
      rmSync(join(directory, '.polymodal'));
    }
    writeFileSync(join(directory, '.polymodal'), "the user's own");
    await expect(holdFolder(directory)).rejects.toThrow(/received something that is no folder/);
  });

  it('removes what killed writers left in its workshop, and nothing else', async () => {
    mkdirSync(join(directory, '.polymodal', '123e4567-e89b-42d3-a456-426614174000'), { recursive: true });
    mkdirSync(join(directory, '.polymodal', 'theirs'));
    writeFileSync(join(directory, '.polymodal', 'lock.0123456789abcdef'), '');
    writeFileSync(join(directory, '.polymodal', 'lock.123e4567-e89b-42d3-a456-426614174000'), '');
    await (await holdFolder(directory)).release();
    expect(readdirSync(join(directory, '.polymodal'))).toEqual(['theirs']);
  });
});
