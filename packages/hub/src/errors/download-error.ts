import { PolymodalError } from '@polymodal/core';

/** Base of what goes wrong with a download. */
export abstract class DownloadError extends PolymodalError {
  static override readonly code: string = 'DOWNLOAD';
}

/** The server does not let this user in: no token, one that is not valid, or terms that are not accepted yet. */
export class AccessError extends DownloadError {
  static override readonly code: string = 'ACCESS';
}

/** There is no such repository, revision or file. */
export class NotFoundError extends DownloadError {
  static override readonly code: string = 'NOT_FOUND';
}

/** The cache lacks what was asked for, and downloads are switched off. */
export class OfflineError extends DownloadError {
  static override readonly code: string = 'OFFLINE';
}

/** The server, or the way to it, failed again and again: dropped connections, silence, errors of the server, too many requests. */
export class ConnectionError extends DownloadError {
  static override readonly code: string = 'CONNECTION';
}

/** What arrived is, again and again, not what the server had announced. */
export class ChecksumError extends DownloadError {
  static override readonly code: string = 'CHECKSUM';
}

/** An answer that makes no sense to a client of the Hugging Face Hub, or one that would be harmful to obey. */
export class ProtocolError extends DownloadError {
  static override readonly code: string = 'PROTOCOL';
}
