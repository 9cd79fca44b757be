import { ConfigError, describeValue, Model } from '@polymodal/core';
import { WhisperHead } from './whisper-decoder';

/** A Whisper, as `loadPretrained` makes it, or one that was saved and loaded. */
export type WhisperModel = Model & { readonly heads: { readonly text: WhisperHead } };

/** @throws ConfigError for any other model */
export function requireWhisper(model: Model): asserts model is WhisperModel {
  if (model instanceof Model && model.heads.text instanceof WhisperHead) return;
  throw new ConfigError({
    where: 'transcribe',
    expected:
      'a model that writes what is said: loadPretrained(speechFamilies, folder), or one whose head "text" is "ctc"',
    received: model instanceof Model ? 'a model with other heads' : describeValue(model),
  });
}
