import { appendFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { downloadSetup, everything } from '../testing/download-setup';
import { verifyDownload } from './verify-download';

it('holds files in the cache against the checksums that they are kept under', async () => {
  const { cache, hub, fetchFiles } = await downloadSetup([], everything);
  const { directory } = await fetchFiles();
  const before = hub.requests.length;
  const states = async () => {
    const { files } = await verifyDownload('owner/model', { cacheDirectory: cache });
    return Object.fromEntries(files.map(({ file, state }) => [file, state]));
  };
  const right = { 'config.json': 'right', 'model.safetensors': 'right', 'onnx/a b.txt': 'right', empty: 'right' };
  expect(await states()).toEqual(right);
  appendFileSync(join(directory, 'model.safetensors'), 'x');
  rmSync(realpathSync(join(directory, 'config.json')));
  expect(await states()).toEqual({ ...right, 'config.json': 'damaged', 'model.safetensors': 'damaged' });
  expect(hub.requests.length).toBe(before);
});

it('says where there is nothing to verify, and of files without checksums that nothing is known', async () => {
  const { cache, hub, fetchFiles } = await downloadSetup();
  await expect(verifyDownload('owner/model', { cacheDirectory: cache })).rejects.toThrow(/a cache without them/);
  hub.hasChecksums = false;
  await fetchFiles();
  const { files } = await verifyDownload('owner/model', { cacheDirectory: cache });
  expect(files.map(({ state }) => state)).toEqual(['unknown']);
});
