import { ConfigError, PartError, PolymodalError, UnknownNameError } from '../errors';
import { asPartError } from './ask-part';

/** Runs a part's own `create`; what that throws, of one of its options say, is said with the whole path in the config. */
export function within<T>(path: string, create: () => T): T {
  try {
    return create();
  } catch (error) {
    if (!PolymodalError.isInstance(error)) throw asPartError(error, path, 'create()');
    const ofConfig = [ConfigError, UnknownNameError, PartError].some((own) => own.isInstance(error));
    if (!ofConfig || error.where?.startsWith(path)) throw error;
    throw error.at(error.where === undefined ? path : `${path}.${error.where}`);
  }
}
