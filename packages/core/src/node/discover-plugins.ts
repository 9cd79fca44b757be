import { readdir } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { checkPlugin } from '../check-plugin';
import { describeThrown } from '../describe-thrown';
import { describeValue } from '../describe-value';
import { ConfigError } from '../errors';
import { readRegularFile } from '../files';
import { parseConfig } from '../parse-config';
import type { Plugin } from '../plugin';
import { requireArgument } from '../require-argument';

/** How plugins are looked for. */
export interface DiscoverOptions {
  /** Milliseconds that the code of each may take to load, which ends an `await` at its top level without end. Default 60,000. */
  readonly timeout?: number;
}

/** Longer ones no timer takes. */
const longestTimeout = 2 ** 31 - 1;

const optionsSchema = z.strictObject({ timeout: z.number().positive().max(longestTimeout).default(60_000) });

/**
 * The plugins of all packages installed for a folder: those in the `node_modules` of the folder and its parents whose
 * package.json carries `"polymodal": { "plugin": "./dist/index.js" }`. The file's default export is the plugin. A package with
 * several plugins lists their files; one that imports an optional peer which is not installed is left out.
 *
 * ```ts
 * const registry = createRegistry(await discoverPlugins(process.cwd()));
 * ```
 *
 * Their code runs in this process with all its rights, as that of every package that is imported: one that loops without end or
 * ends the process as it loads cannot be stopped. Discover plugins only where you trust what is installed.
 *
 * @throws ConfigError for a package whose plugin cannot be loaded, or not in time, naming it
 */
export async function discoverPlugins(directory: string, options: DiscoverOptions = {}): Promise<Plugin[]> {
  const expected = 'the path of a folder, that of your package.json: discoverPlugins(process.cwd())';
  requireArgument(typeof directory === 'string', 'discoverPlugins', expected, directory);
  const { timeout } = parseConfig(optionsSchema, options, 'discoverPlugins');
  const found = new Map<string, Installation>(); // the nearest installation of a package wins, as in Node's own resolution
  for (const modules of nodeModulesAbove(directory)) {
    for (const name of await packageNames(modules)) {
      const installation = await installationOf(name, join(modules, name));
      if (installation && !found.has(name)) found.set(name, installation);
    }
  }
  const installations = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const plugins = installations.flatMap(({ entries, ...of }) => entries.map((entry) => loadPlugin(entry, of, timeout)));
  return (await Promise.all(plugins)).filter((plugin) => plugin !== undefined);
}

/** A package with plugins. */
interface Installation {
  readonly name: string;
  /** The files whose default exports are its plugins. */
  readonly entries: readonly string[];
  /** Packages that it works without. */
  readonly optionalPeers: ReadonlySet<string>;
}

function nodeModulesAbove(directory: string): string[] {
  const folders: string[] = [];
  for (let folder = resolve(directory); ; folder = dirname(folder)) {
    folders.push(join(folder, 'node_modules'));
    if (folder === dirname(folder)) return folders;
  }
}

async function packageNames(modules: string): Promise<string[]> {
  const names = await readdir(modules).catch(() => []);
  const nested = await Promise.all(
    names.map(async (name) => {
      if (!name.startsWith('@')) return name.startsWith('.') ? [] : [name];
      return (await readdir(join(modules, name)).catch(() => [])).map((inner) => `${name}/${inner}`);
    }),
  );
  return nested.flat();
}

/** No package.json is longer. */
const longestManifest = 2 ** 24;

async function installationOf(name: string, folder: string): Promise<Installation | undefined> {
  const content = await readRegularFile(join(folder, 'package.json'), { maxBytes: longestManifest }).catch(
    () => undefined,
  );
  const text = content && new TextDecoder().decode(content);
  if (!text?.includes('"polymodal"')) return undefined; // most packages: spares parsing them
  let manifest: Manifest | null;
  try {
    manifest = JSON.parse(text);
  } catch {
    return undefined; // a package.json that npm itself cannot read is no plugin
  }
  const plugin = manifest?.polymodal?.plugin;
  if (plugin === undefined) return undefined;
  const peers = Object.entries(manifest?.peerDependenciesMeta ?? {});
  const optionalPeers = new Set(peers.flatMap(([peer, meta]) => (meta?.optional === true ? [peer] : [])));
  const entries = [plugin].flat().map((file) => entryFile(name, folder, file));
  return { name, entries, optionalPeers };
}

/** What is read of a package.json, whatever else is in it. */
interface Manifest {
  readonly polymodal?: { readonly plugin?: unknown } | null;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: unknown } | null>> | null;
}

function entryFile(name: string, folder: string, file: unknown): string {
  const entry = typeof file === 'string' ? join(folder, file) : folder;
  if (entry.startsWith(join(folder, sep))) return entry;
  throw new ConfigError({
    where: name,
    expected: 'the path of a file within the package as "polymodal": { "plugin": … } of its package.json',
    received: describeValue(file),
  });
}

/** The plugin of a file; `undefined` where an optional peer that the file imports is not installed. */
async function loadPlugin(
  entry: string,
  { name, optionalPeers }: Omit<Installation, 'entries'>,
  timeout: number,
): Promise<Plugin | undefined> {
  let exported: { default?: unknown } | undefined;
  try {
    exported = await within(timeout, import(pathToFileURL(entry).href));
  } catch (cause) {
    const missing = missingPackage(cause);
    if (missing !== undefined && optionalPeers.has(missing)) return undefined;
    throw new ConfigError({
      where: name,
      expected: `a plugin at ${entry}, where its package.json says it is`,
      received: `${describeThrown(cause)} while loading it`,
      hint: 'Reinstall the package, or remove it.',
      cause,
    });
  }
  if (!exported) {
    throw new ConfigError({
      where: name,
      expected: `a plugin at ${entry} that is loaded in ${timeout} ms`,
      received: 'one that is not: an "await" of its code has not ended',
      hint: 'Remove the package, or give discoverPlugins a longer timeout.',
    });
  }
  if (exported.default === undefined) {
    throw new ConfigError({
      where: name,
      expected: `a plugin as default export of ${entry}`,
      received: 'no default export',
    });
  }
  try {
    checkPlugin(exported.default, name);
  } catch (error) {
    if (ConfigError.isInstance(error)) throw error.at(name);
    throw new ConfigError({ where: name, expected: 'a plugin', received: describeThrown(error), cause: error });
  }
  return { module: pathToFileURL(entry).href, ...(exported.default as Plugin) };
}

/** What a promise gives, or `undefined` if it has not settled in so many milliseconds. */
async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined); // keeps the process alive, which else would end without a word
  });
  try {
    return await Promise.race([promise, end]);
  } finally {
    clearTimeout(timer);
  }
}

/** The package whose absence an import failed of: Node says its name in the message alone. */
function missingPackage(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) return undefined;
  return /^Cannot find package '((?:@[^/']+\/)?[^/']+)/.exec(error.message)?.[1];
}
