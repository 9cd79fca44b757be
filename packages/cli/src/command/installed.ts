import { ConfigError, describeThrown } from '@polymodal/core';

/**
 * Loads a package that only one command needs.
 *
 * @param where how errors call what needs it
 * @param packages what brings it, as npm install takes it
 * @throws ConfigError with what to install
 */
export async function installed<T>(load: () => Promise<T>, where: string, packages: string): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const isMissing = (cause as { readonly code?: unknown }).code === 'ERR_MODULE_NOT_FOUND';
    throw new ConfigError({
      where,
      expected: `${packages} to be installed`,
      received: isMissing ? 'a package that is missing' : describeThrown(cause),
      hint: `Install it: npm install ${packages}`,
      cause,
    });
  }
}
