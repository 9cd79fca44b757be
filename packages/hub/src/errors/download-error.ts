import { PolymodalError } from '@polymodal/core';

/** Base of what goes wrong with a download. */
export abstract class DownloadError extends PolymodalError {}

/** The server does not let this user in: no token, one that is not valid, or terms that are not accepted yet. */
export class AccessError extends DownloadError {
  readonly code = 'ACCESS';
}

/** There is no such repository, revision or file. */
export class NotFoundError extends DownloadError {
  readonly code = 'NOT_FOUND';
}

/** The cache lacks what was asked for, and downloads are switched off. */
export class OfflineError extends DownloadError {
  readonly code = 'OFFLINE';
}

/** The server, or the way to it, failed again and again: dropped connections, silence, errors of the server, too many requests. */
export class ConnectionError extends DownloadError {
  readonly code = 'CONNECTION';
}

/** What arrived is, again and again, not what the server had announced. */
export class ChecksumError extends DownloadError {
  readonly code = 'CHECKSUM';
}

/** An answer that makes no sense to a client of the Hugging Face Hub, or one that would be harmful to obey. */
export class ProtocolError extends DownloadError {
  readonly code = 'PROTOCOL';
}
