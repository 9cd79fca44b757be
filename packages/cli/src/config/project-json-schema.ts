import { type Registry, requirementsSchema } from '@polymodal/core';
import { z } from 'zod';
import { projectSchema } from './project';

/** JSON Schema, as far as it is put together here. */
type JsonSchema = Readonly<Record<string, unknown>>;

/** A schema of the config for editors: with the parts that are installed, and their options. */
export function projectJsonSchema(registry: Registry): JsonSchema {
  const project = schemaOf(projectSchema) as { readonly properties: Readonly<Record<string, JsonSchema>> };
  return {
    ...project,
    title: 'A run of Polymodal',
    properties: {
      ...project.properties,
      model: modelSchema(registry),
      training: withAugmentations(project.properties.training, registry),
    },
  };
}

/** By slot any augmentation that is installed: which of them are of its modality is checked when the config is read. */
function withAugmentations(training: JsonSchema, registry: Registry): JsonSchema {
  const one = oneOf(registry.names.augmentations, (key) => {
    const [modality, name] = key.split('/');
    const { config } = registry.augmentation(modality, name).definition;
    return { ...propertiesOf(config), probability: { type: 'number', minimum: 0, maximum: 1 } };
  });
  const augment = { type: 'object', additionalProperties: { type: 'array', items: one } };
  return { ...training, properties: { ...(training.properties as object), augment } };
}

function modelSchema(registry: Registry): JsonSchema {
  const { encoders, fusions, heads, adapters } = registry.names;
  const more = { several: { type: 'object' }, shared: { type: 'boolean' } };
  const encoder = oneOf(encoders, (name) => {
    const { config, processor } = registry.encoder(name);
    return { ...propertiesOf(config), ...propertiesOf(processor.config), ...more };
  });
  const head = oneOf(heads, (name) => {
    const { config, target } = registry.head(name);
    const ofTarget = target ? { ...propertiesOf(target.config), target: { type: 'string' } } : {};
    return { ...propertiesOf(config), ...ofTarget, input: { type: 'string' }, requires: schemaOf(requirementsSchema) };
  });
  return {
    type: 'object',
    properties: {
      hiddenSize: { type: 'integer', exclusiveMinimum: 0 },
      seed: { type: 'integer' },
      encoders: { type: 'object', additionalProperties: encoder },
      fusion: oneOf(fusions, (name) => propertiesOf(registry.fusion(name).config)),
      heads: { type: 'object', additionalProperties: head },
      adapters: { type: 'array', items: oneOf(adapters, (name) => propertiesOf(registry.adapter(name).config)) },
    },
    required: ['hiddenSize', 'encoders', 'fusion', 'heads'],
    additionalProperties: false,
  };
}

function oneOf(names: readonly string[], options: (name: string) => object): JsonSchema {
  const parts = names.map((name) => ({
    type: 'object',
    title: name,
    properties: { use: { const: name.split('/').at(-1) }, ...options(name) },
    required: ['use'],
    additionalProperties: false,
  }));
  return parts.length > 0 ? { anyOf: parts } : { type: 'object', required: ['use'] };
}

function propertiesOf(schema: z.ZodObject): object {
  return schemaOf(schema).properties as object;
}

/** What JSON Schema cannot say, as `refine` does, is checked when the config is read. */
function schemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}
