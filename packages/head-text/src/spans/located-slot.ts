import { type Processor, pointedSlot } from '@polymodal/core';

/** The slot of texts into which a head points, whose processor then says where tokens stand. @throws as {@link pointedSlot} */
export function locatedSlot(of: string | undefined, processors: Readonly<Record<string, Processor>>): string {
  return pointedSlot(of, processors, 'locateTokens', 'a slot of texts, whose tokenizer tells where its tokens stand');
}
