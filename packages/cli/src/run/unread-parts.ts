import type { Model } from '@polymodal/core';

/** What a batch tells of what heads read. */
export interface ReadParts {
  /** The slots that its samples have. */
  readonly slots: readonly string[];
  /** Paths of parameters that may learn, and of those that its losses depend on. */
  readonly learning: readonly string[];
  readonly reached: readonly string[];
}

/**
 * Parts that no head reads: a fusion behind heads that go by the encoders' own tokens, an encoder whose slot a fusion leaves alone. They learn nothing
 * and change no answer. Of encoders whose slot does not occur, and of a fusion that was not given all slots, a batch tells nothing.
 */
export function unreadParts({ modalities }: Model, { slots, learning, reached }: ReadParts): string[] {
  const told = slots.map((slot) => `encoders.${slot}`);
  if (modalities.every((slot) => slots.includes(slot))) told.push('fusion');
  const isWithin = (part: string) => (path: string) => path.startsWith(`${part}.`);
  return told.filter((part) => learning.some(isWithin(part)) && !reached.some(isWithin(part)));
}
