import type { Model } from '@polymodal/core';
import type { FirstOfKinds } from '../data/first-of-kinds';
import { unreachedParts } from '../unreached-parts';

/** Says as a warning of the process which parts of a model no head reads, whatever a sample has. */
export function warnOfUnreached(model: Model, { batches = [] }: FirstOfKinds): void {
  const unread = batches.length > 0 ? unreachedParts(model, batches) : [];
  if (unread.length === 0) return;
  const heads = Object.keys(model.heads).join(', ');
  const message = `Heads ${heads} read nothing of what is made by: ${unread.join(', ')}. It learns nothing, and changes no answer. Take a fusion that goes with the heads ("none" where they read the tokens of a slot), or leave out what nobody needs.`;
  process.emitWarning(message, { type: 'PolymodalWarning', code: 'POLYMODAL_UNUSED' });
}
