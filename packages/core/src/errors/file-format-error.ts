import { PolymodalError } from './polymodal-error';

/** A file whose content is malformed, truncated or not what its name promises. */
export class FileFormatError extends PolymodalError {
  readonly code = 'FILE_FORMAT';
}
