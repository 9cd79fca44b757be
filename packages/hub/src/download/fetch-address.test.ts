import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { NotFoundError, OfflineError } from '../errors/download-error';
import { answer, drop, TestHub, testCommit, testRepository } from '../testing/test-hub';
import { fetchAddress } from './fetch-address';

const photo = Buffer.from('as if it were a photo');

async function server() {
  const hub = await TestHub.start({ 'photo.PNG': photo, other: photo });
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-address-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const options = { cacheDirectory: join(folder, 'hub'), retries: 2, retryDelay: 1, token: false } as const;
  const at = (file: string) => `${hub.endpoint}/${testRepository}/resolve/${testCommit}/${file}`;
  return { hub, options, at };
}

it('fetches a file once, goes on after a connection that broke, and asks nobody again', async () => {
  const { hub, options, at } = await server();
  hub.faults.push(drop(5));
  const path = await fetchAddress(at('photo.PNG'), options);
  expect(readFileSync(path)).toEqual(photo);
  expect(path).toMatch(/polymodal.addresses.[0-9a-f]{64}\.png$/);
  const before = hub.requests.length;
  expect(await fetchAddress(at('photo.PNG'), { ...options, offline: true })).toBe(path);
  expect(hub.requests.length).toBe(before);
  expect(await fetchAddress(at('other'), options)).not.toBe(path);
});

it('says what is not there, and that it is offline, without the secrets of the address', async () => {
  const { hub, options, at } = await server();
  const gone = fetchAddress(`${at('other.png')}?signature=secret`, options);
  await expect(gone).rejects.toThrow(NotFoundError);
  await expect(gone).rejects.toThrow(/other\.png: expected a file at the address, received status 404/);
  await expect(gone).rejects.not.toThrow(/secret|repository,/);
  await expect(fetchAddress(at('photo.PNG'), { ...options, offline: true })).rejects.toThrow(OfflineError);
  hub.faults.push(answer(403));
  await expect(fetchAddress(at('photo.PNG'), options)).rejects.toThrow(/fetch such files beforehand/);
});

it.each(['ftp://a/b.png', 'photo.png', 'https://user:password@a/b.png'])('refuses %s', async (url) => {
  await expect(fetchAddress(url)).rejects.toThrow(/begins with https/);
  await expect(fetchAddress(url)).rejects.not.toThrow(/password@/);
});
