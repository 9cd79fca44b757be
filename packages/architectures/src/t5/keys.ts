import { t5, t5AttentionKeys, t5LayerKeys } from '@polymodal/encoder-text/pretrained';
import type { ConfigOf, KeyMap } from '@polymodal/hub';
import { encoderDecoderKeys } from '../encoder-decoder-keys';

/** The tensors of HF `T5ForConditionalGeneration`. @param tied whether there is no head of its own */
export function t5WholeKeys(tied: boolean): KeyMap {
  const { entries } = t5.keys({} as ConfigOf<typeof t5>);
  return encoderDecoderKeys({
    encoder: { slot: 'text', keys: { entries }, theirs: '' },
    decoder: { keys: { entries: decoderKeys, ignored }, theirs: '' },
    head: 'lm_head.weight',
    tied,
  });
}

const ignored: KeyMap['ignored'] = [
  { theirs: 'encoder.embed_tokens.weight', reason: 'a copy of shared.weight' },
  { theirs: 'decoder.embed_tokens.weight', reason: 'a copy of shared.weight' },
  {
    theirs: 'decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight',
    reason: 'left over: what was read is looked at however far it is',
  },
];

const cross = 'decoder.block.{i}.layer.1';

const decoderKeys: KeyMap['entries'] = [
  ...t5LayerKeys('decoder.', 2),
  { ours: 'layers.{i}.crossNorm.weight', theirs: `${cross}.layer_norm.weight` },
  ...t5AttentionKeys('crossAttention', `${cross}.EncDecAttention`),
];
