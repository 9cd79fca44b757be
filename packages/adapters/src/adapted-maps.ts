import type { Module } from '@polymodal/core';
import { type AdaptableMap, Conv1d, Conv2d, Embedding, Linear } from '@polymodal/nn';

/** A map that adapters may be put on. */
export type AdaptedMap = (Linear | Embedding | Conv1d | Conv2d) & Module & AdaptableMap;

/** The maps below a module, by path, those within adapters apart. */
export function mapsOf(module: Module): Map<string, AdaptedMap> {
  const isWithinAdapter = (path: string) => path.split('.').includes('adapter');
  return new Map(
    [...module.modules()].flatMap(([path, own]) => (isMap(own) && !isWithinAdapter(path) ? [[path, own]] : [])),
  );
}

function isMap(module: Module): module is AdaptedMap {
  return [Linear, Embedding, Conv1d, Conv2d].some((Kind) => module instanceof Kind);
}

/** How many groups of channels a map keeps apart. */
export function groupsOf(map: AdaptedMap): number {
  return map instanceof Conv1d || map instanceof Conv2d ? map.groups : 1;
}

/** How many numbers come out of a map at each place: the first axis of its weight, of an embedding the last. */
export function outputSizeOf(map: AdaptedMap): number {
  return map instanceof Embedding ? map.embeddingDim : map.weight.shape[0];
}
