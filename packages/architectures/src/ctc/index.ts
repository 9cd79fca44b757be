import { composeModel } from '@polymodal/core';
import { hubert, wav2vec2 } from '@polymodal/encoder-audio/pretrained';
import { defineComposedFamily, type KeyMap, nestedKeys, optional } from '@polymodal/hub';
import { z } from 'zod';
import { speechRegistry } from '../speech-registry';
import { ctcVocabulary } from './ctc-vocabulary';

/** What config.json says of the head (HF `Wav2Vec2Config`, `HubertConfig`). */
const headOptions = {
  vocab_size: optional(z.int().min(2).max(65_536), 32),
  pad_token_id: optional(z.int().min(0), 0),
  final_dropout: optional(z.number().min(0).lt(1), 0.1),
  ctc_loss_reduction: optional(
    z.enum(['sum', 'mean'], { error: "'sum' or 'mean', since losses of single texts are no loss to learn from" }),
    'sum',
  ),
  ctc_zero_infinity: optional(z.boolean(), false),
};

/** What is read of {@link headOptions}. */
interface HeadConfig {
  readonly vocabSize: number;
  readonly padTokenId: number;
  readonly finalDropout: number;
  readonly ctcLossReduction: 'sum' | 'mean';
  readonly ctcZeroInfinity: boolean;
}

/** wav2vec 2.0 that writes what is said, whole (Baevski et al. 2020; HF `Wav2Vec2ForCTC`): the slot `audio`, the fusion `none` and the head `text`. */
export const wav2vec2Ctc = defineComposedFamily({
  architectures: { wav2vec2: 'Wav2Vec2ForCTC' },
  config: wav2vec2.config.extend(headOptions),
  compose,
  keys: (config) => wholeKeys(wav2vec2.keys(config), 'wav2vec2.'),
});

/** The same of HuBERT (Hsu et al. 2021; HF `HubertForCTC`). */
export const hubertCtc = defineComposedFamily({
  architectures: { hubert: 'HubertForCTC' },
  config: hubert.config.extend(headOptions),
  compose,
  keys: (config) => wholeKeys(hubert.keys(config), 'hubert.'),
});

function compose(
  config: HeadConfig & { readonly hiddenSize: number },
  from: string,
  options: Parameters<typeof composeModel>[2],
) {
  return composeModel(
    speechRegistry,
    {
      hiddenSize: config.hiddenSize,
      encoders: { audio: { use: 'pretrained-audio', from } },
      fusion: { use: 'none' },
      heads: {
        text: {
          use: 'ctc',
          of: 'audio',
          vocabulary: ctcVocabulary((name) => options?.savedFile?.('processors/audio', name), config),
          dropout: config.finalDropout,
          reduction: config.ctcLossReduction,
          zeroInfinity: config.ctcZeroInfinity,
        },
      },
    },
    options,
  );
}

const head = 'lm_head';

/** Those of the encoder, within the whole, and of the head. */
function wholeKeys({ entries, ignored = [] }: KeyMap, theirs: string): KeyMap {
  const encoder = nestedKeys({ entries }, { ours: 'encoders.audio.', theirs });
  return {
    entries: [...encoder.entries, { ours: 'heads.text.linear.*', theirs: `${head}.*` }],
    ignored: ignored
      .filter((key) => !key.theirs.startsWith(head))
      .map((key) => (key.theirs === 'masked_spec_embed' ? { ...key, theirs: theirs + key.theirs } : key)),
  };
}
