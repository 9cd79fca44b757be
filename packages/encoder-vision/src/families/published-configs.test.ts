import { readFileSync } from 'node:fs';
import { createFromConfig } from '@polymodal/hub';
import { expect, it } from 'vitest';
import { visionFamilies } from '.';

/** Models with the options that their config.json was published with, and how many parameters transformers counts. */
interface PublishedModel {
  readonly name: string;
  readonly parameters: number;
  readonly config: { readonly model_type: string } & Readonly<Record<string, unknown>>;
}

// The counts are those of tools/parity/published_counts.py.
const path = new URL('../../fixtures/published-configs.json', import.meta.url);
const published = JSON.parse(readFileSync(path, 'utf8')) as PublishedModel[];

it.each(published)('takes the options of $name, and has as many parameters', ({ config, parameters }) => {
  const { model } = createFromConfig(visionFamilies, config);
  expect([...model.parameters().values()].reduce((sum, { size }) => sum + size, 0)).toBe(parameters);
});
