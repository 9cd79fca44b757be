import { readFileSync } from 'node:fs';
import { ModuleBuffer } from '@polymodal/core';
import { createFromConfig, type Family } from '@polymodal/hub';
import { expect, it } from 'vitest';

/** A model with the options that its config.json was published with, and how many parameters transformers counts. */
export interface PublishedModel {
  readonly name: string;
  readonly parameters: number;
  readonly config: { readonly model_type: string } & Readonly<Record<string, unknown>>;
}

/**
 * Registers a test of each published model: its config.json is taken as it is, and gives as many parameters as in Python.
 *
 * @param file a JSON file of {@link PublishedModel}s; `tools/parity/published_counts.py` of the repository counts for ours
 * @returns the models
 */
export function describePublishedModels(families: readonly Family[], file: string | URL): readonly PublishedModel[] {
  const published = JSON.parse(readFileSync(file, 'utf8')) as PublishedModel[];
  it.each(published)('takes the options of $name, and has as many parameters', ({ config, parameters }) => {
    const { model } = createFromConfig(families, config);
    const counted = [...model.parameters().values()].filter((own) => !(own instanceof ModuleBuffer)); // as Python does
    expect(counted.reduce((sum, { size }) => sum + size, 0)).toBe(parameters);
  });
  return published;
}
