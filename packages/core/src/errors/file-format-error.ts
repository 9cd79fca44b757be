import { PolymodalError } from './polymodal-error';

/** A file whose content is malformed, truncated or not what its name promises. */
export class FileFormatError extends PolymodalError {
  static override readonly code: string = 'FILE_FORMAT';
}
