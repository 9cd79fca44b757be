import type { Module } from '@polymodal/core';
import { type KeyMap, planTransfers } from '@polymodal/hub';

/** A module of Python's model, as PEFT adapts it, and the maps of ours that it is. */
export interface PeftModule {
  /** Its name there. */
  readonly theirs: string;
  /** The paths of our maps; several where theirs holds their outputs one after the other. */
  readonly ours: readonly string[];
  /** Whether its weight is `[in, out]`, as that of GPT-2's `Conv1D`. */
  readonly fanInFanOut: boolean;
}

const weight = '.weight';

/** The modules of a pretrained part that have a weight which is all of some of ours. */
export function peftModules(part: Module, keys: KeyMap): PeftModule[] {
  return planTransfers(part, keys).flatMap(({ theirs, ours, rows, transpose }) => {
    const isWeight = theirs.endsWith(weight) && ours.every(({ path }) => path.endsWith(weight));
    if (!isWeight || rows) return [];
    const paths = ours.map(({ path }) => path.slice(0, -weight.length));
    return [{ theirs: theirs.slice(0, -weight.length), ours: paths, fanInFanOut: transpose }];
  });
}
