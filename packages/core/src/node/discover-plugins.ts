import { readdir } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkPlugin } from '../check-plugin';
import { describeThrown } from '../describe-thrown';
import { describeValue } from '../describe-value';
import { ConfigError } from '../errors';
import { readRegularFile } from '../files';
import type { Plugin } from '../plugin';

/**
 * The plugins of all packages installed for a folder: those in the `node_modules` of the folder and its parents whose
 * package.json carries `"polymodal": { "plugin": "./dist/index.js" }`. The file's default export is the plugin.
 *
 * ```ts
 * const registry = createRegistry(await discoverPlugins(process.cwd()));
 * ```
 *
 * @throws ConfigError for a package whose plugin cannot be loaded, naming it
 */
export async function discoverPlugins(directory: string): Promise<Plugin[]> {
  if (typeof directory !== 'string') {
    throw new ConfigError({
      where: 'discoverPlugins',
      expected: 'the path of a folder',
      received: describeValue(directory),
      hint: 'The folder of your package.json, say: discoverPlugins(process.cwd()).',
    });
  }
  const found = new Map<string, string>(); // the nearest installation of a package wins, as in Node's own resolution
  for (const modules of nodeModulesAbove(directory)) {
    for (const name of await packageNames(modules)) {
      const entry = await pluginEntry(name, join(modules, name));
      if (entry !== undefined && !found.has(name)) found.set(name, entry);
    }
  }
  return Promise.all([...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, entry]) => loadPlugin(name, entry)));
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

async function pluginEntry(name: string, folder: string): Promise<string | undefined> {
  const content = await readRegularFile(join(folder, 'package.json'), { maxBytes: longestManifest }).catch(
    () => undefined,
  );
  const text = content && new TextDecoder().decode(content);
  if (!text?.includes('"polymodal"')) return undefined; // most packages: spares parsing them
  let plugin: unknown;
  try {
    plugin = JSON.parse(text).polymodal?.plugin;
  } catch {
    return undefined; // a package.json that npm itself cannot read is no plugin
  }
  if (plugin === undefined) return undefined;
  const entry = typeof plugin === 'string' ? join(folder, plugin) : folder;
  if (entry.startsWith(join(folder, sep))) return entry;
  throw new ConfigError({
    where: name,
    expected: 'the path of a file within the package as "polymodal": { "plugin": … } of its package.json',
    received: describeValue(plugin),
  });
}

async function loadPlugin(name: string, entry: string): Promise<Plugin> {
  let exported: { default?: unknown };
  try {
    exported = await import(pathToFileURL(entry).href);
  } catch (cause) {
    throw new ConfigError({
      where: name,
      expected: `a plugin at ${entry}, where its package.json says it is`,
      received: `${describeThrown(cause)} while loading it`,
      hint: 'Reinstall the package, or remove it.',
      cause,
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
    checkPlugin(exported.default);
  } catch (error) {
    if (error instanceof ConfigError) throw error.at(name);
    throw new ConfigError({ where: name, expected: 'a plugin', received: describeThrown(error), cause: error });
  }
  return exported.default as Plugin;
}
