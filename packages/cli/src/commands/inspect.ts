import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Augmentations, isRecord, type Processors, type Registry } from '@polymodal/core';
import {
  inspectionText,
  inspectManifest,
  type Manifest,
  openManifest,
  proposeSchema,
  type Viewer,
} from '@polymodal/data';
import { installed } from '../command/installed';
import type { Outcome } from '../command/outcome';
import { requireEnding } from '../command/require-ending';
import { requireNothing } from '../command/require-nothing';
import { augmentationsOf } from '../config/augmentations-of';
import { checkModel } from '../config/check-model';
import { composedModel } from '../config/composed-model';
import { ConfigFile } from '../config/config-file';
import { configNames, findConfig } from '../config/find-config';
import { registryOf } from '../config/registry-of';
import { withinModel } from '../config/within-model';
import { fetchedAddresses } from '../data/fetched-addresses';
import { openParts } from '../data/open-parts';
import { requireInput } from '../data/require-input';
import type { SlotModalities } from '../model/modalities-of';
import type { Surroundings } from '../surroundings';

/** What may be said of `polymodal inspect`. */
export interface InspectCommandOptions {
  readonly page?: string;
}

/** `polymodal inspect`: what is in a table, or in the parts of a config's data. */
export async function inspectCommand(
  given: string | undefined,
  options: InspectCommandOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const signal = await surroundings.interruption();
  const page = options.page === undefined ? undefined : resolve(surroundings.directory, options.page);
  if (page !== undefined) requireEnding(options.page!, '--page', ['.html']);
  if (page !== undefined) await requireNothing(page, 'Name another file: --page inspection-2.html');
  const { data, modalities, readElsewhere, training } = await dataOf(given, surroundings, signal);
  const shown =
    page === undefined
      ? undefined
      : await installed(() => import('@polymodal/data/page'), '--page', 'sharp @polymodal/encoder-audio');
  const viewers: Record<string, Viewer> = {};
  for (const [slot, modality] of Object.entries(shown ? modalities : {})) {
    if (modality === 'image') viewers[slot] = shown!.pictureViewer;
    if (modality === 'audio') viewers[slot] = shown!.soundViewer;
  }
  const inspection = await inspectManifest(data, { signal, viewers, readElsewhere });
  if (page !== undefined) {
    const augmented =
      training && (await shown!.augmentedSection(training.processors, training.augment, training.samples));
    await shown!.writeInspection(page, inspection, augmented ? [augmented] : []);
  }
  const text = `${inspectionText(inspection)}${page === undefined ? '' : `\n\nWith pictures, sounds and texts: ${page}`}`;
  return { text, result: inspection };
}

interface Inspected {
  readonly data: Manifest | Readonly<Record<string, Manifest>>;
  readonly modalities: SlotModalities;
  /** By column: what of the config reads it besides. */
  readonly readElsewhere: Readonly<Record<string, readonly string[]>>;
  /** Where the config changes samples of training at random. */
  readonly training?: Augmented | undefined;
}

/** Samples of training, and how they are changed. */
interface Augmented {
  readonly augment: Augmentations;
  readonly processors: Processors;
  readonly samples: Manifest;
}

async function dataOf(given: string | undefined, surroundings: Surroundings, signal: AbortSignal): Promise<Inspected> {
  const { directory } = surroundings;
  const path = resolve(directory, given ?? configNames[0]);
  if (given !== undefined) await requireInput(path, 'a table, a folder of files, or a config');
  if (given !== undefined && !isConfig(path)) return ofTable(path, surroundings, signal);
  const config = await ConfigFile.read(await findConfig(directory, given));
  const registry = await registryOf(config, surroundings);
  const { encoders } = config.project.model;
  const modalities = Object.entries(isRecord(encoders) ? encoders : {}).map(([slot, options]) => {
    const use = isRecord(options) ? String(options.use) : '';
    return [slot, withinModel(config, () => registry.encoder(use, `encoders.${slot}.use`)).modality];
  });
  const { parts } = await openParts(config, surroundings, signal);
  return {
    data: parts,
    modalities: Object.fromEntries(modalities),
    readElsewhere: readElsewhere(config),
    training: await augmentedOf(config, registry, parts.train),
  };
}

async function augmentedOf(config: ConfigFile, registry: Registry, samples: Manifest): Promise<Augmented | undefined> {
  if (!config.project.training.augment) return undefined;
  checkModel(config, registry);
  const augment = augmentationsOf(config, registry);
  if (Object.keys(augment).length === 0) return undefined;
  return { augment, processors: (await composedModel(config, registry)).processors, samples };
}

/** The columns that a config names besides those of slots, targets and the id. */
function readElsewhere({ project: { data } }: ConfigFile): Record<string, string[]> {
  const { split, weights } = data;
  const weighing = typeof weights === 'string' ? weights : weights?.column;
  const readers = [
    [split?.column, 'split'] as const,
    [split?.groupBy, 'split'] as const,
    [weighing, 'weights'] as const,
  ];
  return Object.fromEntries(readers.flatMap(([column, reader]) => (column === undefined ? [] : [[column, [reader]]])));
}

/** A config by its name, or a folder with one, as that of a run is. */
function isConfig(path: string): boolean {
  return /\.(ya?ml|json)$/i.test(path) || configNames.some((name) => existsSync(join(path, name)));
}

/** A table for itself: by what its columns look like. */
async function ofTable(path: string, surroundings: Surroundings, signal: AbortSignal): Promise<Inspected> {
  const { manifest, slots, split, group } = await proposeSchema(path);
  const modalities = Object.entries(slots).map(([slot, { modality }]) => [slot, modality]);
  const data = await openManifest(path, {
    ...manifest,
    ...fetchedAddresses(surroundings, signal),
    onError: 'skip',
    signal,
  });
  const readElsewhere = {
    ...(split !== undefined && { [split]: ['split'] }),
    ...(group !== undefined && { [group]: ['split'] }),
  };
  return { data, modalities: Object.fromEntries(modalities), readElsewhere };
}
