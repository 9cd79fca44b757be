import { resolve } from 'node:path';
import type { Choices } from './ask-what-is-open';
import { fillTemplate, type TemplateSource } from './fill-template';
import { pluginNames } from './plugin-names';
import { writePackage } from './write-package';

/** What package is to be made, and where. */
export interface CreateOptions extends Choices {
  /** Who holds the copyright, for package.json and the license. */
  readonly author?: string | undefined;
  /** Default: a folder of the package's name, without its scope. */
  readonly directory?: string | undefined;
}

/**
 * Makes a package with a plugin.
 *
 * @returns the folder of the package
 * @throws CreateError for a name that will not do, or a folder that has something in it
 */
export async function createPlugin(
  options: CreateOptions,
  source: TemplateSource,
  signal: AbortSignal,
): Promise<string> {
  const { name, kind, license, author } = options;
  const names = pluginNames(name, kind);
  const directory = resolve(options.directory ?? names.folder);
  const files = fillTemplate({ names, kind, license, author, year: new Date().getFullYear() }, source);
  await writePackage(directory, files, signal);
  return directory;
}
