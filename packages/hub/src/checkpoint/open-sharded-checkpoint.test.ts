import {
  cpSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { FileFormatError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { fixturePath, temporaryFolder } from '../testing/test-files';
import { openCheckpoint } from './open-checkpoint';

const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];

/** A copy of the folder that Python wrote. */
function folder(): string {
  const copy = temporaryFolder();
  cpSync(fixturePath('tiny-bert'), copy, { recursive: true });
  return copy;
}

/** The folder with another index. */
function withIndex(change: (text: string) => string): string {
  const copy = folder();
  const path = join(copy, 'model.safetensors.index.json');
  writeFileSync(path, change(readFileSync(path, 'utf8')));
  return copy;
}

async function complaint(path: string): Promise<string> {
  const error: unknown = await openCheckpoint(path).then(
    (checkpoint) => checkpoint.close(),
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(FileFormatError);
  return (error as Error).message;
}

const openFiles = () => readdirSync('/proc/self/fd').length;

describe('openShardedCheckpoint', () => {
  it('refuses an index that leads out of its folder', async () => {
    for (const shard of [
      '../model-00002-of-00002.safetensors',
      'a/../../model.safetensors',
      '/etc/passwd.safetensors',
      '..\\\\model.safetensors',
      'C:model.safetensors',
      'a//b.safetensors',
      './a.safetensors',
      'a\\u0000.safetensors',
      'a.safetensors/..',
      '..',
      '',
    ]) {
      const path = withIndex((text) => text.replaceAll(shards[1], shard));
      expect(await complaint(path)).toContain('expected the name of a safetensors file in the folder of the index');
    }
    expect(await complaint(withIndex((text) => text.replace(`"${shards[1]}"`, '7')))).toContain('received 7');
    expect(await complaint(withIndex((text) => text.replaceAll(shards[1], 'config.json')))).toContain('config.json');
  });

  it('refuses a shard that is missing, cut short or another', async () => {
    const missing = folder();
    rmSync(join(missing, shards[1]));
    expect(await complaint(missing)).toContain('received no such file. The folder is incomplete');
    const short = folder();
    writeFileSync(join(short, shards[1]), readFileSync(join(short, shards[1])).subarray(0, -1));
    expect(await complaint(short)).toContain('bytes within the');
    const swapped = folder();
    renameSync(join(swapped, shards[1]), join(swapped, 'model-00003-of-00002.safetensors'));
    cpSync(join(swapped, shards[0]), join(swapped, shards[1]));
    expect(await complaint(swapped)).toMatch(/received it nowhere/);
  });

  it('refuses a tensor that is not where the index has it, and one that the index leaves out', async () => {
    const elsewhere = withIndex((text) =>
      text.replace(`"pooler.dense.bias": "${shards[1]}"`, `"pooler.dense.bias": "${shards[0]}"`),
    );
    expect(await complaint(elsewhere)).toContain(`"pooler.dense.bias" in ${shards[0]}, received it in ${shards[1]}`);
    const forgotten = withIndex((text) => text.replace(/"pooler.dense.bias": "[^"]*",/, ''));
    expect(await complaint(forgotten)).toContain(
      '"pooler.dense.bias" in model-00002-of-00002.safetensors, which the index has nowhere',
    );
    const invented = withIndex((text) => text.replace('"pooler.dense.bias"', '"pooler.bias"'));
    expect(await complaint(invented)).toContain('the tensor "pooler.bias"');
  });

  it('refuses an index that is none, or says a thing twice', async () => {
    const twice = withIndex((text) =>
      text.replace('"weight_map": {', `"weight_map": {"pooler.dense.bias": "${shards[0]}",`),
    );
    expect(await complaint(twice)).toContain('every name once');
    const nested = (text: string) =>
      text.replace('"weight_map"', `"deep": ${'['.repeat(50)}${']'.repeat(50)}, "weight_map"`);
    expect(await complaint(withIndex(nested))).toContain('at most 8');
    for (const text of [
      '',
      '{',
      '[]',
      'null',
      '{"metadata": {}}',
      '{"weight_map": []}',
      '{"weight_map": null}',
      '\u0000',
    ]) {
      expect(await complaint(withIndex(() => text))).toContain('index.json');
    }
    const path = folder();
    writeFileSync(join(path, 'model.safetensors.index.json'), Uint8Array.of(0x7b, 0xff, 0x7d));
    expect(await complaint(path)).toContain('no UTF-8');
  });

  it('opens an index whose metadata hold fractions', async () => {
    const path = withIndex((text) =>
      text.replace('"total_size": 1696', '"total_size": 1696.0, "share": 1e-3, "tied": null'),
    );
    await (await openCheckpoint(path)).close();
  });

  it.skipIf(process.platform === 'win32')(
    'refuses a link out of the folder, but for the links of a shared cache',
    async () => {
      const outside = folder();
      const linked = folder();
      rmSync(join(linked, shards[1]));
      symlinkSync(join(outside, shards[1]), join(linked, shards[1]));
      expect(await complaint(linked)).toContain('received a link to');

      const cache = temporaryFolder();
      const snapshot = join(cache, 'models--a--b', 'snapshots', 'f00');
      mkdirSync(join(cache, 'models--a--b', 'blobs'), { recursive: true });
      mkdirSync(snapshot, { recursive: true });
      for (const [index, name] of [...shards, 'model.safetensors.index.json'].entries()) {
        linkSync(join(outside, name), join(cache, 'models--a--b', 'blobs', String(index)));
        symlinkSync(join('..', '..', 'blobs', String(index)), join(snapshot, name));
      }
      const checkpoint = await openCheckpoint(snapshot);
      expect(checkpoint.names.length).toBe(23);
      await checkpoint.close();
    },
  );

  it.runIf(process.platform === 'linux')('leaves no file open, whether it opens or refuses', async () => {
    const broken = withIndex((text) => text.replace('"pooler.dense.bias"', '"pooler.bias"'));
    await complaint(broken);
    const before = openFiles();
    for (let i = 0; i < 5; i++) await complaint(broken);
    await (await openCheckpoint(fixturePath('tiny-bert'))).close();
    expect(openFiles()).toBe(before);
  });
});
