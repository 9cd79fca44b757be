import { ConfigError, composeModel } from '@polymodal/core';
import { clapAudio } from '@polymodal/encoder-audio/pretrained';
import { clapText } from '@polymodal/encoder-text/pretrained';
import { type CamelCased, defineComposedFamily, nestedKeys } from '@polymodal/hub';
import type { z } from 'zod';
import { audioTextRegistry } from '../audio-text-registry';
import { clapConfig } from './config';

/** CLAP, whole (Wu et al. 2023): two encoders, and a head that chooses among all texts, or all recordings, each on a scale of its own. */
export const clap = defineComposedFamily({
  architectures: { clap: 'ClapModel' },
  config: clapConfig,
  compose: ({ audioConfig, projectionDim, projectionHiddenAct, logitScaleInitValue }, from, options) => {
    checkWidth(audioConfig);
    return composeModel(
      audioTextRegistry,
      {
        hiddenSize: projectionDim,
        encoders: { audio: { use: 'pretrained-audio', from }, text: { use: 'pretrained-text', from } },
        fusion: { use: 'none' },
        heads: {
          match: {
            use: 'contrastive',
            embeddingSize: projectionDim,
            projection: 'mlp',
            projectionAct: projectionHiddenAct,
            scalePerModality: true,
            temperature: 1 / logitScaleInitValue,
            maxScale: null, // as in Python
          },
        },
      },
      options,
    );
  },
  keys: ({ audioConfig, textConfig }) => {
    const audio = nestedKeys(clapAudio.keys(audioConfig), { ours: 'encoders.audio.', theirs: 'audio_model.' });
    const text = nestedKeys(clapText.keys(textConfig), { ours: 'encoders.text.', theirs: 'text_model.' });
    return {
      entries: [
        ...audio.entries,
        ...text.entries,
        { ours: 'heads.match.projections.audio.linear1.*', theirs: 'audio_projection.linear1.*' },
        { ours: 'heads.match.projections.audio.linear2.*', theirs: 'audio_projection.linear2.*' },
        { ours: 'heads.match.projections.text.linear1.*', theirs: 'text_projection.linear1.*' },
        { ours: 'heads.match.projections.text.linear2.*', theirs: 'text_projection.linear2.*' },
        { ours: 'heads.match.logitScale.audio', theirs: 'logit_scale_a' },
        { ours: 'heads.match.logitScale.text', theirs: 'logit_scale_t' },
      ],
      ignored: [...audio.ignored, ...text.ignored],
    };
  },
});

/** @throws ConfigError for a projection of vectors of another width than the tower gives */
function checkWidth({
  hiddenSize,
  patchEmbedsHiddenSize,
  depths,
}: CamelCased<z.output<typeof clapAudio.config>>): void {
  const width = patchEmbedsHiddenSize * 2 ** (depths.length - 1);
  if (hiddenSize === width) return;
  const where = 'audio_config.hidden_size';
  throw new ConfigError({ where, expected: `the width of the last stage, ${width}`, received: String(hiddenSize) });
}
