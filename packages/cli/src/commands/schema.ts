import { resolve } from 'node:path';
import { writeDurably } from '@polymodal/core/node';
import type { Outcome } from '../command/outcome';
import { requireNothing } from '../command/require-nothing';
import { loadPlugins } from '../config/load-plugins';
import { projectJsonSchema } from '../config/project-json-schema';
import type { Surroundings } from '../surroundings';

/** What may be said of `polymodal schema`. */
export interface SchemaCommandOptions {
  readonly out?: string;
}

/** `polymodal schema`: the JSON Schema of configs, with all parts that are installed. */
export async function schemaCommand({ out }: SchemaCommandOptions, surroundings: Surroundings): Promise<Outcome> {
  const { directory } = surroundings;
  const schema = projectJsonSchema(await loadPlugins(surroundings, directory));
  const text = JSON.stringify(schema, null, 2);
  if (out === undefined) return { text, result: schema };
  const path = resolve(directory, out);
  await requireNothing(path, 'Name another file.');
  await writeDurably(path, `${text}\n`);
  const way = '# yaml-language-server: $schema=';
  return { text: `Wrote ${path}. Editors find it by a first line in polymodal.yaml: ${way}${out}`, result: { path } };
}
