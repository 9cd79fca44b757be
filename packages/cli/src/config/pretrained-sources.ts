import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { isRecord, mapRecord } from '@polymodal/core';

/** Whether any encoder of a model's config has its weights from somewhere: `{ use: pretrained-text, from: ./models/bert }`. */
export function hasSources({ encoders }: Readonly<Record<string, unknown>>): boolean {
  return isRecord(encoders) && Object.values(encoders).some((own) => isRecord(own) && typeof own.from === 'string');
}

/**
 * A model's config whose encoders have their weights from elsewhere.
 *
 * @param folder that paths start from
 * @param moved  what stands in the place of the path of a folder; the name of a repository stays
 */
export function withSources<M extends Readonly<Record<string, unknown>>>(
  model: M,
  folder: string,
  moved: (path: string) => string,
): M {
  if (!hasSources(model)) return model;
  const withSource = (own: unknown) => {
    if (!isRecord(own) || typeof own.from !== 'string' || !isPath(own.from, folder)) return own;
    return { ...own, from: moved(own.from) };
  };
  return { ...model, encoders: mapRecord(model.encoders as Record<string, unknown>, withSource) };
}

/** What is there as a folder, and what is written as a path, is no name of a repository. */
function isPath(from: string, folder: string): boolean {
  return from.startsWith('.') || isAbsolute(from) || existsSync(resolve(folder, from));
}
