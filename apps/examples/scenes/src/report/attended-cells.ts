import { attentionMaps, type Model } from '@polymodal/core';
import type { SceneSample } from '../data/scene-sample';

/** How much of the fusion's attention falls on each cell of a picture. */
export interface AttendedCells {
  /** Cells along each side. */
  readonly cells: number;
  /** Of each cell, row by row: what the question's words, and the class token where there is one, give to it, over all layers. */
  readonly weights: Float32Array;
}

/** Where in the picture a fusion looks; undefined of one in which nothing attends to it. */
export async function attendedCells(
  model: Model,
  { image, text }: Pick<SceneSample, 'image' | 'text'>,
): Promise<AttendedCells | undefined> {
  const maps = await attentionMaps(model, { image, text });
  const looking = maps.filter(({ slot, query }) => slot === 'image' && query !== 'image');
  if (looking.length === 0) return undefined;
  const [, tokens] = looking[0].shape;
  const weights = new Float32Array(tokens);
  for (const map of looking) {
    map.weights.forEach((share, index) => {
      weights[index % tokens] += share;
    });
  }
  return { cells: Math.sqrt(tokens), weights };
}
