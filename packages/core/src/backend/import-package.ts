import type { Refused } from './candidate';

/** What a package exports; its user knows the types. */
export type PackageExports = Readonly<Record<string, unknown>>;

/**
 * Imports an optional package by name, or says why it cannot be had.
 *
 * @param install the command that installs it, where that is not simply `npm install` and its name
 */
export async function importPackage(name: string, install = `npm install ${name}`): Promise<PackageExports | Refused> {
  try {
    return (await import(name)) as PackageExports;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    if (isMissing(cause, name)) {
      return { reason: `${name} is not installed`, remedy: `Install it with: ${install}`, cause };
    }
    return { reason: `${name} does not load: ${firstLine(message)}`, remedy: reinstallation(name), cause };
  }
}

/** Whether an import gave a refusal rather than exports. */
export function isRefused(outcome: PackageExports | Refused): outcome is Refused {
  return typeof outcome.reason === 'string';
}

/** Not where an installed package itself lacks another. */
function isMissing(cause: unknown, name: string): boolean {
  const { code, message } = cause as { code?: string; message?: string };
  // Node's words, and those of Vite, which replaces an optional peer that is not there.
  if (code === 'ERR_MODULE_NOT_FOUND') return message?.includes(`'${name}'`) === true;
  return message?.startsWith(`Could not resolve "${name}"`) === true;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!.trim().replace(/\.$/, '');
}

function reinstallation(name: string): string {
  return `It is installed, but not whole or not for this platform: try npm rebuild ${name}`;
}
