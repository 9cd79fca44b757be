import { FileFormatError, parseConfig } from '@polymodal/core';
import { writtenFiles } from '@polymodal/core/node';
import { z } from 'zod';
import type { Position } from './position';
import { openSealedJson, sealJson } from './sealed-json';

const count = z.int().nonnegative();

const termSum = z.strictObject({ sum: z.number(), count: z.number().positive(), weight: z.number() });

const modalitySums = z.strictObject({ gradientShare: z.number(), factor: z.number().optional() });

const headBalance = z.strictObject({
  value: z.number(),
  first: z.number(),
  second: z.number(),
  steps: count,
  initialLoss: z.number(),
});

const position = z.strictObject({
  stage: count,
  step: count,
  epoch: count,
  sources: z.record(z.string(), z.strictObject({ epoch: count, batch: count })),
  totals: z.strictObject({
    steps: count,
    loss: z.number(),
    terms: z.record(z.string(), z.record(z.string(), termSum)),
    modalities: z.record(z.string(), modalitySums).optional(),
    tokens: z.strictObject({ taken: count, computed: count, atRandom: z.number().nonnegative() }),
  }),
  time: z.strictObject({ waited: z.number().nonnegative(), computed: z.number().nonnegative() }),
  history: z.array(z.looseObject({ epoch: count, step: count })),
  kept: z.array(z.strictObject({ epoch: count, sha256: z.string() })),
  balance: z.record(z.string(), headBalance),
  seconds: z.number().nonnegative(),
  metrics: z.strictObject({ bytes: count, sha256: z.string() }),
  eventBytes: count,
});

const schema = z.strictObject({
  /** Of the manifest's layout. */
  version: z.literal(3),
  position,
  /** Which parameters the optimiser computes with together, and how many steps each took. */
  bundles: z.array(z.strictObject({ paths: z.array(z.string()), steps: count })),
  /** How many steps the average of the weights has seen, where there is one. */
  averaged: count.optional(),
  /** Shapes of the model's parameters by path. */
  parameters: z.record(z.string(), z.array(count)),
  /** The files with parameters and moments. */
  files: writtenFiles,
});

/** What a checkpoint says of itself. */
export interface CheckpointManifest extends Omit<z.output<typeof schema>, 'position'> {
  readonly position: Position;
}

export function encodeManifest(manifest: CheckpointManifest): string {
  return sealJson(manifest);
}

/** @throws FileFormatError for anything but what {@link encodeManifest} made */
export function decodeManifest(text: string, where: string): CheckpointManifest {
  const content = openSealedJson(text, where);
  try {
    return parseConfig(schema, content, '') as unknown as CheckpointManifest;
  } catch (cause) {
    throw new FileFormatError({
      where,
      expected: 'the manifest of a checkpoint',
      received: (cause as Error).message,
      cause,
    });
  }
}
