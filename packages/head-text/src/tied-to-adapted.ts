import { StateError } from '@polymodal/core';

/** What an adapter changes of the embeddings, it does not change of the head: merged, it would. */
export function tiedToAdapted(): StateError {
  return new StateError({
    where: 'logits',
    expected: 'embeddings without an adapter, since the head is tied to them',
    received: 'embeddings with one',
    hint: 'Leave the embeddings out of the targets of the adapter.',
  });
}
