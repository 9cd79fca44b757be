import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { createRegistry, describeThrown, PolymodalError, useBackend } from '@polymodal/core';
import { exitCode } from '../command/exit-code';
import type { Outcome } from '../command/outcome';
import { textTable } from '../command/text-table';
import { backendNames } from '../config/backend-names';
import type { Surroundings } from '../surroundings';

/** `polymodal doctor`: what there is to compute with, and what of Polymodal is installed for the folder. */
export async function doctorCommand(surroundings: Surroundings): Promise<Outcome> {
  const { directory, environment } = surroundings;
  const backends = [];
  for (const name of backendNames) backends.push({ name, ...(await tried(name)) });
  const chosen = await useBackend();
  const packages = await installedPackages(directory);
  const parts = await partsFor(surroundings);
  const machine = {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    threads: availableParallelism(),
    OMP_NUM_THREADS: environment.OMP_NUM_THREADS ?? null,
    memory: totalmem(),
    free: freemem(),
  };
  const text = [
    textTable([
      ['machine', ''],
      ['Node', machine.node],
      ['platform', machine.platform],
      ['processor', machine.processor],
      [
        'threads',
        `${machine.threads}${machine.OMP_NUM_THREADS ? `, of which OMP_NUM_THREADS allows ${machine.OMP_NUM_THREADS}` : ''}`,
      ],
      ['memory', `${gigabytes(machine.memory)}, ${gigabytes(machine.free)} of it free`],
    ]),
    '',
    textTable([
      ['backend', '', ''],
      ...backends.map(({ name, works, said }) => [name, name === chosen.name ? 'taken' : works ? 'works' : '–', said]),
    ]),
    '',
    packages.length > 0
      ? textTable([['package', 'version'], ...packages.map(({ name, version }) => [name, version])])
      : `No package of Polymodal is installed for ${directory}.`,
    '',
    'fault' in parts
      ? `Plugins: ${parts.fault}`
      : textTable([['parts', ''], ...Object.entries(parts).map(([kind, names]) => [kind, names.join(', ') || '–'])]),
  ].join('\n');
  const result = { machine, backends, taken: chosen.name, packages, parts };
  return { text, result, exitCode: 'fault' in parts ? exitCode.failed : exitCode.done };
}

async function tried(name: (typeof backendNames)[number]): Promise<{ readonly works: boolean; readonly said: string }> {
  try {
    return { works: true, said: (await useBackend(name)).description };
  } catch (error) {
    if (!PolymodalError.isInstance(error)) return { works: false, said: describeThrown(error) };
    return { works: false, said: [error.received, error.hint].filter(Boolean).join('. ') };
  }
}

/** What a registry of the installed plugins knows, or what is wrong with one of them. */
async function partsFor({ plugins, directory }: Surroundings) {
  try {
    return createRegistry([...(await plugins(directory))]).names;
  } catch (error) {
    if (!PolymodalError.isInstance(error)) throw error;
    return { fault: error.message };
  }
}

/** Those in the `node_modules` of the folder and its parents; the nearest of a name is the one that is used. */
async function installedPackages(directory: string): Promise<{ readonly name: string; readonly version: string }[]> {
  const versions = new Map<string, string>();
  for (let folder = directory; ; folder = dirname(folder)) {
    const scope = join(folder, 'node_modules', '@polymodal');
    for (const name of await readdir(scope).catch((): string[] => [])) {
      const version = await versionOf(join(scope, name, 'package.json'));
      if (!versions.has(name)) versions.set(name, version);
    }
    if (folder === dirname(folder)) break;
  }
  return [...versions].sort().map(([name, version]) => ({ name: `@polymodal/${name}`, version }));
}

async function versionOf(manifest: string): Promise<string> {
  try {
    return String((JSON.parse(await readFile(manifest, 'utf8')) as { readonly version?: unknown }).version);
  } catch {
    return 'unreadable';
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
