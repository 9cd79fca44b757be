import type { HostData } from '@polymodal/core';

/** What numbers of samples lie in. */
export const arrays = { Float32Array, Int32Array, Uint16Array, Int16Array, Uint8Array } as const;

/** A type of {@link arrays}, by its name. */
export type ArrayName = keyof typeof arrays;

export function arrayName(data: HostData): ArrayName {
  return Object.keys(arrays).find((name) => data instanceof arrays[name as ArrayName]) as ArrayName;
}

/** Every type of array may begin at a multiple of it. */
const alignment = 8;

/** So many bytes, and those up to where the next array may begin. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
