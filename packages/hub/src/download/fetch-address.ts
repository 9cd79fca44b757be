import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { asStorageError, ConfigError, describeValue } from '@polymodal/core';
import { AccessError, NotFoundError, OfflineError } from '../errors/download-error';
import type { DownloadOptions } from './download-options';
import { fetchBlob } from './fetch-blob';
import { hubSettings } from './hub-settings';
import { withoutSecrets } from './without-secrets';

/** How the file of an address is fetched: as files of repositories are. */
export type FetchAddressOptions = Omit<DownloadOptions, 'revision' | 'files' | 'endpoint' | 'onProgress'>;

/**
 * The path of the file at an address of the web, which is fetched once and then lies in a folder beside the cache of models: what is there
 * is not asked for again, so that data stay as they were. A file has at most 64 MiB.
 *
 * ```ts
 * const products = await openManifest('products.csv', { slots: { photo: 'photo_url' }, fetch: (url) => fetchAddress(url) });
 * ```
 *
 * @throws AccessError, NotFoundError, OfflineError, ConnectionError, ProtocolError: the kinds of DownloadError
 * @throws StorageError if the file system does not take it
 * @throws ConfigError for what is no address
 */
export async function fetchAddress(url: string, options: FetchAddressOptions = {}): Promise<string> {
  const settings = hubSettings(options);
  const { shown, name } = checkedAddress(url);
  const folder = join(dirname(settings.cacheDirectory), 'polymodal', 'addresses');
  const blob = join(folder, name);
  if (existsSync(blob)) return blob;
  if (settings.offline) {
    throw new OfflineError({
      where: shown,
      expected: `its file in ${folder}, since downloads are switched off`,
      received: 'a cache without it',
      hint: 'Fetch it once with a connection, or switch HF_HUB_OFFLINE (option offline) off.',
    });
  }
  try {
    const paths = { blob, lock: join(folder, '.locks', name) };
    await fetchBlob(settings, { url, etag: '', size: undefined }, paths, () => undefined);
    return blob;
  } catch (error) {
    throw ofAddress(asStorageError(error, folder), shown);
  }
}

/** An address without its secrets, and what its file is called. */
function checkedAddress(address: string): { readonly shown: string; readonly name: string } {
  const url = typeof address === 'string' && URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new ConfigError({
      where: 'address',
      expected: 'one that begins with https:// or http://, without user name and password',
      received: typeof address === 'string' ? withoutSecrets(address) : describeValue(address),
    });
  }
  const extension = extname(url.pathname).toLowerCase();
  const isPlain = /^\.[a-z0-9]{1,5}$/.test(extension);
  const hash = createHash('sha256').update(url.href).digest('hex');
  return { shown: url.origin + url.pathname, name: `${hash}${isPlain ? extension : ''}` };
}

/** What errors say of a repository, said of an address. */
function ofAddress(error: unknown, where: string): unknown {
  if (NotFoundError.isInstance(error)) {
    return new NotFoundError({ where, expected: 'a file at the address', received: error.received, cause: error });
  }
  if (!AccessError.isInstance(error)) return error;
  const hint = 'The server wants to know who asks: fetch such files beforehand, and name their paths.';
  return new AccessError({ where, expected: 'leave to read', received: error.received, hint, cause: error });
}
