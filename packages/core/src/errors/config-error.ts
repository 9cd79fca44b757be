import { PolymodalError } from './polymodal-error';

/** A model config, plugin or option that cannot be used as it stands. */
export class ConfigError extends PolymodalError {
  readonly code = 'CONFIG';
}
