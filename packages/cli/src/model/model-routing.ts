import { describeThrown, type Model, PolymodalError, type Routing, routingTable, type Sample } from '@polymodal/core';

/** Samples are looked through for a value of each slot as far as this. */
const mostLookedThrough = 256;

/**
 * Which heads answer which samples, and at what cost to a sample that has the first value of each slot that the data have; without cost where
 * they have none of some slot; or why it cannot be told.
 */
export async function modelRouting(
  model: Model,
  data: { readonly length: number; get(index: number): Sample | Promise<Sample> } | undefined,
): Promise<readonly Routing[] | string> {
  try {
    return await routingTable(model, { sample: data && (await firstValues(model, data)) });
  } catch (error) {
    if (!PolymodalError.isInstance(error)) throw error;
    return describeThrown(error);
  }
}

async function firstValues(
  { modalities }: Model,
  data: NonNullable<Parameters<typeof modelRouting>[1]>,
): Promise<Sample | undefined> {
  const found: Record<string, unknown> = {};
  for (let index = 0; index < Math.min(data.length, mostLookedThrough); index++) {
    const sample = await data.get(index);
    for (const slot of modalities)
      if (sample[slot] !== undefined && sample[slot] !== null) found[slot] ??= sample[slot];
    if (modalities.every((slot) => slot in found)) return found;
  }
  return undefined;
}
