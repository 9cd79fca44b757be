import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StorageError } from '@polymodal/core';
import { holdFolder } from '@polymodal/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder';
import { recorder, runIn } from '../testing/tiny-run';
import { crc32c } from './crc32c';
import { scalarsEvent, versionEvent } from './event';
import { EventFile, eventFile } from './event-file';
import { frameRecord, wholeRecords } from './record';

/** Written by Python's tensorboard: see tools/parity/tensorboard_events.py. */
const fixture = JSON.parse(readFileSync(new URL('../../fixtures/tensorboard.json', import.meta.url), 'utf8'));

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('a file of events', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('has the checksums of RFC 3720', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  });

  it('is to the byte what the writer of Python makes of the same values', () => {
    const { wallTime, events, file } = fixture;
    const records = [versionEvent(wallTime)];
    for (const { step, scalars } of events) records.push(scalarsEvent(wallTime, step, scalars));
    expect(hex(Buffer.concat(records.map(frameRecord)))).toBe(file);
  });

  it('is whole up to the record that a crash cut, wherever it did', () => {
    const records = [1, 300, 70_000].map((step) => frameRecord(scalarsEvent(1.5, step, { loss: Number.NaN })));
    const content = Buffer.concat(records);
    const ends = records.map((_, index) => Buffer.concat(records.slice(0, index + 1)).length);
    for (let bytes = 0; bytes <= content.length; bytes++) {
      const expected = ends.findLast((end) => end <= bytes) ?? 0;
      expect(wholeRecords(content.subarray(0, bytes))).toBe(expected);
    }
    const changed = Uint8Array.from(content);
    changed[ends[0] + 15] ^= 1;
    expect(wholeRecords(changed)).toBe(ends[0]);
  });

  it('goes on where the checkpoint left it, and keeps a copy of what is not as it was', async () => {
    const held = await holdFolder(temporaryFolder());
    const [said, warn] = [[] as string[], (message: string) => void said.push(message)];
    const first = await EventFile.open(held, 0, warn);
    first.append(1, { loss: 3 });
    const { bytes } = first;
    first.append(2, { loss: 2 });
    first.close();
    const second = await EventFile.open(held, bytes, warn);
    expect(second.bytes).toBe(bytes);
    second.append(2, { loss: 2 });
    second.close();
    const path = held.path(eventFile);
    expect(wholeRecords(readFileSync(path))).toBe(readFileSync(path).length);
    expect(said).toEqual([]);

    truncateSync(path, bytes - 3);
    const third = await EventFile.open(held, bytes, warn);
    expect(third.bytes).toBeLessThan(bytes);
    third.close();
    writeFileSync(path, 'something of the user, longer than a version');
    (await EventFile.open(held, 0, warn)).close();
    expect(said).toEqual([expect.stringMatching(/damaged-1\.$/), expect.stringMatching(/damaged-2\.$/)]);
    expect(readFileSync(held.path('tensorboard/damaged-2'), 'utf8')).toMatch(/^something of the user/);
    await held.release();
  });

  it('says that a file of others is where its folder goes, and leaves it', async () => {
    const held = await holdFolder(temporaryFolder());
    const place = held.path('tensorboard');
    writeFileSync(place, 'mine');
    const error = await EventFile.open(held, 0, () => {}).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toMatchObject({ where: place, expected: 'a place for a folder' });
    expect(readFileSync(place, 'utf8')).toBe('mine');
    await held.release();
  });

  it('of a run that is interrupted has each step once', async () => {
    const directory = join(temporaryFolder(), 'run');
    for (const epochs of [1, 2]) {
      const stop = new AbortController();
      const onEpoch = ({ epoch }: { epoch: number }) => epoch === epochs && stop.abort();
      await runIn(directory, {
        tensorboard: true,
        checkpointEvery: { epochs: 3 },
        signal: stop.signal,
        onEpoch,
      } as object);
    }
    const { stream, text } = recorder();
    const { steps, epochs } = await runIn(directory, {
      tensorboard: true,
      checkpointEvery: { epochs: 3 },
      progress: stream,
    });
    const content = readFileSync(join(directory, eventFile));
    expect(wholeRecords(content)).toBe(content.length);
    const count = (tag: string) => content.toString('latin1').split(tag).length - 1;
    expect(count('loss/all')).toBe(steps + epochs.length); // and 'epoch loss/all'
    expect(count('evaluation/digit/accuracy')).toBe(epochs.length);
    expect(text()).not.toContain('damaged');
    await runIn(directory, { resume: false, epochs: 1, checkpointEvery: { epochs: 3 } });
    expect(readdirSync(join(directory, 'tensorboard'))).toEqual([]);
  });

  it('needs a folder', async () => {
    await expect(runIn(undefined as never, { tensorboard: true })).rejects.toThrow(/^train\.tensorboard: /);
  });
});
