import { ConfigError, defineAdapter } from '@polymodal/core';
import { Embedding } from '@polymodal/nn';
import { z } from 'zod';
import { groupsOf } from './adapted-maps';
import { adapterOptions } from './adapter-options';
import { LoraAdapter } from './lora-adapter';
import type { MapSite } from './map-site';
import { putAdapters } from './put-adapters';

const options = z.object({
  ...adapterOptions,
  /** r: how many directions the change of a map has. */
  rank: z.int().positive().default(8),
  /** α: the change is multiplied by α / r. Default: r. */
  alpha: z.number().positive().optional(),
  /** Probability that, in training, a value is taken from what goes into the change of a map; of embeddings nothing is. */
  dropout: z.number().min(0).lt(1).default(0),
  /** Whether the change is multiplied by α / √r, which does not fade where r is large (rsLoRA, Kalajdzievski 2023). */
  rslora: z.boolean().default(false),
  /** Whether each output learns its length apart from its direction (DoRA, Liu et al. 2024): of linear maps and convolutions. */
  dora: z.boolean().default(false),
  /** Whether A stays as it begins and B alone learns, for which less is kept in training (LoRA-FA, Zhang et al. 2023). */
  freezeA: z.boolean().default(false),
});

/**
 * The adapters `lora`: low-rank changes of linear maps, embeddings and convolutions, learned beside weights that stay frozen (Hu et al.
 * 2021).
 */
export const lora = defineAdapter({
  name: 'lora',
  config: options,
  apply({ rank, alpha = rank, dropout, rslora, dora, freezeA, ...common }, { model }) {
    const scale = alpha / (rslora ? Math.sqrt(rank) : rank);
    putAdapters(common, model, (site, path) => {
      requireGroup(site, path);
      if (dora) requireDora(site, path);
      if (freezeA) requireFrozenA(site, path);
      return new LoraAdapter(site, { rank, scale, dropout, dora, freezeA, rslora });
    });
  },
});

function requireGroup({ map }: MapSite, path: string): void {
  if (groupsOf(map) === 1) return;
  throw new ConfigError({
    where: 'targets',
    expected: 'convolutions of one group of channels',
    received: `${path}, which has ${groupsOf(map)}`,
    hint: `Leave it out: exclude: ['${path}'].`,
  });
}

function requireDora(site: MapSite, path: string): void {
  const received = site.map instanceof Embedding ? `the embedding ${path}` : `${path}, which has another adapter`;
  if (!(site.map instanceof Embedding) && !site.hasOthers) return;
  throw new ConfigError({
    where: 'dora',
    expected: 'linear maps and convolutions without another adapter',
    received,
    hint: 'Adapt it by an entry without dora.',
  });
}

/** A of an embedding begins with zeros: with B alone nothing would ever change. */
function requireFrozenA({ map }: MapSite, path: string): void {
  if (!(map instanceof Embedding)) return;
  throw new ConfigError({
    where: 'freezeA',
    expected: 'linear maps and convolutions, of which A begins with random values',
    received: `the embedding ${path}, of which it begins with zeros`,
    hint: 'Adapt it by an entry without freezeA.',
  });
}
