import { bert } from '@polymodal/encoder-text/pretrained';
import { type ConfigOf, type KeyMap, type KeyMapEntry, nestedKeys } from '@polymodal/hub';

/**
 * The tensors of HF `BertForTokenClassification` and its kin.
 *
 * @param theirs what stands before the names of the encoder's: `bert.`
 * @param head   of the head
 */
export function textSpansKeys(theirs: string, head: KeyMapEntry): KeyMap {
  const { entries } = bert.keys({} as ConfigOf<typeof bert>); // those of RoBERTa are the same
  // One text, or the windows of a long one, which the slot takes as several values.
  const places = ['encoders.text.', 'encoders.text.each.'].map((ours) => nestedKeys({ entries }, { ours, theirs }));
  return {
    entries: [...places.flatMap((place) => place.entries), head],
    ignored: [
      { theirs: `${theirs}embeddings.position_ids`, reason: 'a buffer of the numbers from 0' },
      { theirs: `${theirs}embeddings.token_type_ids`, reason: 'a buffer of zeros' },
      { theirs: `${theirs}pooler.**`, reason: 'a vector of the whole text, which such a head does not read' },
    ],
  };
}
