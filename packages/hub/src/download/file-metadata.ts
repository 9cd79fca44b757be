import { ProtocolError } from '../errors/download-error';
import { patientRequest } from './hub-request';
import type { HubSettings } from './hub-settings';

/** What the hub says of a file before it sends it. */
export interface FileMetadata {
  /** Where it is asked for. */
  readonly url: string;
  /** The SHA-256 of a large file, the git SHA-1 of a small one; of other servers, anything that a file can be called. */
  readonly etag: string;
  readonly size: number | undefined;
}

/** @throws DownloadError */
export async function fileMetadata(
  settings: HubSettings,
  repository: string,
  commit: string,
  file: string,
): Promise<FileMetadata> {
  const path = file.split('/').map(encodeURIComponent).join('/');
  const url = `${settings.endpoint}/${repository}/resolve/${commit}/${path}`;
  const response = await patientRequest(settings, url, {
    method: 'HEAD',
    headers: { 'Accept-Encoding': 'identity' }, // the length of the file itself is wanted
    isAnswer: (redirect) => redirect.has('x-linked-etag'), // a large file lies elsewhere, but the hub itself knows of it
  });
  await response.discard();
  const { headers } = response;
  const etag = (headers.get('x-linked-etag') ?? headers.get('etag') ?? '').replace(/^W\//, '').replace(/^"|"$/g, '');
  if (!/^[\w-]{1,128}$/.test(etag)) {
    const hint = 'Is the endpoint that of a hub?';
    throw new ProtocolError({ where: url, expected: 'an etag', received: JSON.stringify(etag), hint });
  }
  const isWhole = response.status === 200 && !headers.has('content-encoding');
  const size = headers.get('x-linked-size') ?? (isWhole ? headers.get('content-length') : null);
  return { url, etag, size: size !== null && /^\d{1,15}$/.test(size) ? Number(size) : undefined };
}
