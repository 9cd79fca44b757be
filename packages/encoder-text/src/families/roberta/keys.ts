import type { KeyMap } from '@polymodal/hub';
import { bertKeys } from '../bert/keys';

/** The tensors of HF `RobertaModel`: those of BERT, in larger models under another prefix and beside other heads. */
export const robertaKeys: KeyMap = {
  ...bertKeys,
  prefixes: ['roberta.'],
  ignored: [
    ...(bertKeys.ignored ?? []),
    { theirs: 'lm_head.**', reason: 'the head that guesses masked words; its decoder is tied to the words' },
  ],
};
