import { UnknownNameError } from '@polymodal/core';
import { packageOf } from '../propose/package-of';
import type { ConfigFile } from './config-file';

/**
 * What a function gives that is told of the model of a config; the errors that it throws say the line, and for a part that is not
 * installed the package that brings it.
 */
export function withinModel<T>(config: ConfigFile, run: () => T): T {
  const told = (error: unknown) => {
    throw UnknownNameError.isInstance(error) ? toBeInstalled(error) : error;
  };
  return config.within('model', () => {
    try {
      const made = run();
      return made instanceof Promise ? (made.catch(told) as T) : made;
    } catch (error) {
      return told(error);
    }
  });
}

/** On a command line nobody makes a registry: what is installed is in it. */
function toBeInstalled(error: UnknownNameError): UnknownNameError {
  const { where, expected, received, hint = '' } = error;
  const brings = packageOf(received.replaceAll('"', ''));
  const own =
    brings === undefined
      ? hint.replace(/it is missing from the registry: give it to createRegistry too/, 'install its package')
      : `It is a part of ${brings}: npm install ${brings}`;
  return new UnknownNameError({ ...(where !== undefined && { where }), expected, received, hint: own, cause: error });
}
