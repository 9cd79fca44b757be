import { manifestOptions, splitOptions, tableOptions, weightColumn } from '@polymodal/data';
import { trainingOptions } from '@polymodal/trainer';
import { z } from 'zod';
import { backendNames } from './backend-names';

const { slots, targets, id, root, missing, onError } = manifestOptions.shape;

const source = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

const sources = z.strictObject({ train: source, validation: source.optional(), test: source.optional() });

const dataSchema = z
  .strictObject({
    /** A table, or several that follow one another; or one for each part. Paths start from the folder of the config. */
    manifest: z.union([source, sources]),
    ...tableOptions.shape,
    ...{ slots, targets, id, root, missing, onError },
    /** How one table becomes parts called train, validation and test. */
    split: splitOptions.optional(),
    /** A column that says how often samples are learned from, relative to one another. */
    weights: weightColumn.optional(),
    /** The column that says which source each sample of the part `train` is of: stages and ratios speak of them by these names. */
    sources: z.strictObject({ column: z.string().min(1) }).optional(),
  })
  .refine(
    ({ weights, sources: named }) => weights === undefined || named === undefined,
    'weights or sources: with sources, ratios say how often samples are learned from',
  )
  .refine(
    ({ manifest, split }) => split === undefined || typeof manifest === 'string' || Array.isArray(manifest),
    'a split of one manifest, or a manifest for each part and no split',
  );

const stage = trainingOptions.shape.stages.unwrap().element.extend({
  /** Names of sources that it learns from; by default all. */
  data: z.array(z.string().min(1)).min(1).optional(),
});

/** What a file says of a training, whose stages may name what they learn from. */
const trainingSchema = trainingOptions.extend({ stages: z.array(stage).min(1).optional() });

/** What `polymodal.yaml` holds. The model is checked by `composeModel`, which knows the parts that are installed. */
export const projectSchema = z.strictObject({
  /** For editors: where the schema of this file is. */
  $schema: z.string().optional(),
  data: dataSchema,
  model: z.looseObject({}),
  training: trainingSchema.prefault({}),
  /** The folder of the run, from that of the config. */
  directory: z.string().min(1),
  /** Modules with further plugins: names of packages, or paths from the folder of the config. Installed ones are found without. */
  plugins: z.array(z.string().min(1)).default([]),
  backend: z.enum(backendNames).optional(),
});

/** A run, as its file describes it. */
export type Project = z.output<typeof projectSchema>;

/** Paths of tables. */
export type Source = z.output<typeof source>;
