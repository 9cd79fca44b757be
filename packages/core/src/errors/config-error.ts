import { PolymodalError } from './polymodal-error';

/**
 * A model config, plugin or option that cannot be used as it stands.
 *
 * ```ts
 * throw new ConfigError({ where: 'encoders.motion.scale', expected: '6 numbers', received: '3' });
 * ```
 */
export class ConfigError extends PolymodalError {
  static override readonly code: string = 'CONFIG';
}
