import { type KeyMap, nestedKeys } from '@polymodal/hub';

/** The halves of a checkpoint that reads and writes, and what it calls them. */
export interface EncoderDecoderNames {
  readonly encoder: Half & { readonly slot: string };
  readonly decoder: Half;
  /** The map from the decoder to words. */
  readonly head: string;
  /** Whether its weight is that of the token embeddings. */
  readonly tied: boolean;
}

interface Half {
  readonly keys: KeyMap;
  /** What its names begin with: one of several. */
  readonly theirs: string | readonly string[];
}

/** The tensors of an encoder–decoder, whole: an encoder under a slot, and the head `text` with its decoder. */
export function encoderDecoderKeys({ encoder, decoder, head, tied }: EncoderDecoderNames): KeyMap {
  const halves = [
    nestedKeys(encoder.keys, { ours: `encoders.${encoder.slot}.`, theirs: encoder.theirs }),
    nestedKeys(decoder.keys, { ours: 'heads.text.decoder.', theirs: decoder.theirs }),
  ];
  const [own, unread] = tied
    ? [[], [{ theirs: head, reason: 'tied to the token embeddings by the config' }]]
    : [[{ ours: 'heads.text.decoder.lmHead.weight', theirs: head }], []];
  return {
    entries: [...halves.flatMap(({ entries }) => entries), ...own],
    ignored: [...halves.flatMap(({ ignored = [] }) => ignored), ...unread],
  };
}
