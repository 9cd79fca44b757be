import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { writeDurably } from '@polymodal/core/node';
import { type Split, saveSplit } from '@polymodal/data';
import type { ConfigFile } from '../config/config-file';
import { withSources } from '../config/pretrained-sources';
import type { Project, Source } from '../config/project';
import { runFolder, splitFile } from '../data/open-parts';

/** What the config is called in the folder of its run. */
export const keptConfig = 'polymodal.json';

/**
 * Keeps with a run what it was made from: the config, with paths that start from the run's folder, and which sample is in which part. So
 * `evaluate` and `predict` know what the columns of a table are. What is there already stays.
 */
export async function keepProject(config: ConfigFile, split: Split | undefined): Promise<void> {
  const directory = runFolder(config);
  const [kept, stored] = [join(directory, keptConfig), join(directory, splitFile)];
  if (!existsSync(kept)) await writeDurably(kept, `${JSON.stringify(seenFrom(directory, config), null, 2)}\n`);
  if (split && !existsSync(stored)) await saveSplit(stored, split);
}

function seenFrom(directory: string, { path, project }: ConfigFile): Project {
  const moved = (one: string) => relative(directory, resolve(dirname(path), one)) || '.';
  const movedSource = (source: Source): Source => (typeof source === 'string' ? moved(source) : source.map(moved));
  const { manifest } = project.data;
  const { featureCache } = project.training;
  const isOne = typeof manifest === 'string' || Array.isArray(manifest);
  const sources = isOne
    ? movedSource(manifest)
    : Object.fromEntries(Object.entries(manifest).map(([part, source]) => [part, movedSource(source)]));
  const plugins = project.plugins.map((name) => (name.startsWith('.') ? moved(name) : name));
  return {
    ...project,
    model: withSources(project.model, dirname(path), moved),
    data: { ...project.data, manifest: sources as Project['data']['manifest'] },
    training: {
      ...project.training,
      ...(featureCache && { featureCache: { ...featureCache, directory: moved(featureCache.directory) } }),
    },
    plugins,
    directory: '.',
  };
}
