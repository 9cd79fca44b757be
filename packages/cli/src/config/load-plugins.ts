import { createRequire } from 'node:module';
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError, createRegistry, describeThrown, isRecord, type Plugin, type Registry } from '@polymodal/core';
import type { Surroundings } from '../surroundings';

/** Modules with plugins that a config names, and the folder that their paths start from. */
export interface NamedPlugins {
  readonly names: readonly string[];
  readonly from: string;
}

/**
 * The parts that a config can use: of the plugins that are installed for a folder, and of those modules that it names.
 *
 * @throws ConfigError for a plugin that cannot be loaded, saying which
 */
export async function loadPlugins(
  surroundings: Surroundings,
  directory: string,
  further?: NamedPlugins,
): Promise<Registry> {
  const plugins = [...(await surroundings.plugins(directory))];
  for (const [index, name] of (further?.names ?? []).entries()) {
    const plugin = await importPlugin(name, further!.from, `plugins.${index}`);
    if (!plugins.some((known) => known.name === plugin.name)) plugins.push(plugin);
  }
  return createRegistry(plugins);
}

async function importPlugin(name: string, from: string, where: string): Promise<Plugin> {
  const isPath = name.startsWith('.') || isAbsolute(name);
  let exported: { readonly default?: unknown };
  let module = name;
  try {
    const path = isPath ? resolve(from, name) : createRequire(resolve(from, 'x.js')).resolve(name);
    module = pathToFileURL(path).href;
    exported = await import(module);
  } catch (cause) {
    const isMissing = /^(ERR_)?MODULE_NOT_FOUND$/.test(String((cause as { code?: unknown }).code));
    throw new ConfigError({
      where,
      expected: 'a module with a plugin',
      received: isMissing
        ? `"${name}", which is not there`
        : `"${name}", and ${describeThrown(cause)} while loading it`,
      hint: isPath ? `Paths start from ${from}.` : `Install it: npm install ${name}`,
      cause,
    });
  }
  // createRegistry says what is wrong with it
  if (exported.default)
    return isRecord(exported.default)
      ? { module, ...(exported.default as object as Plugin) }
      : (exported.default as Plugin);
  throw new ConfigError({
    where,
    expected: 'a module whose default export is a plugin',
    received: `"${name}" without one`,
  });
}
