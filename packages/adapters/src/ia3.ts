import { ConfigError, defineAdapter, matchesPath } from '@polymodal/core';
import { Embedding } from '@polymodal/nn';
import { z } from 'zod';
import { groupsOf } from './adapted-maps';
import { adapterOptions } from './adapter-options';
import { Ia3Adapter } from './ia3-adapter';
import type { MapSite } from './map-site';
import { putAdapters } from './put-adapters';

const options = z.object({
  ...adapterOptions,
  /** Those of the targets, as patterns too, of which what goes in is scaled: the second maps of feed-forward layers. Default none. */
  feedForward: z.array(z.string().min(1)).readonly().default([]),
});

/** The adapters `ia3`: learned factors of keys, values and what is inside feed-forward layers (Liu et al. 2022). */
export const ia3 = defineAdapter({
  name: 'ia3',
  config: options,
  apply({ feedForward, ...common }, { model }) {
    const used = new Set<string>();
    putAdapters(common, model, (site, path) => {
      const fitting = feedForward.filter((target) => matchesPath(target.includes('.') ? target : `**.${target}`, path));
      for (const target of fitting) used.add(target);
      requireVectors(site, path);
      return new Ia3Adapter(site, fitting.length > 0);
    });
    feedForward.forEach((target, index) => {
      if (!used.has(target)) throw unused(target, index);
    });
  },
});

function requireVectors({ map }: MapSite, path: string): void {
  if (!(map instanceof Embedding) && groupsOf(map) === 1) return;
  throw new ConfigError({
    where: 'targets',
    expected: 'linear maps, and convolutions of one group of channels',
    received: map instanceof Embedding ? `the embedding ${path}` : `${path}, which has ${groupsOf(map)} groups`,
    hint: `Leave it out: exclude: ['${path}'].`,
  });
}

function unused(target: string, index: number): ConfigError {
  return new ConfigError({
    where: `feedForward.${index}`,
    expected: 'a pattern that fits some of the targets',
    received: `"${target}", which fits none of them`,
    hint: 'What it is to fit must be among the targets too.',
  });
}
