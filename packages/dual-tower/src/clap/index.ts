import { ConfigError } from '@polymodal/core';
import { clapAudio } from '@polymodal/encoder-audio/pretrained';
import { clapText } from '@polymodal/encoder-text/pretrained';
import { type CamelCased, defineFamily, nestedKeys } from '@polymodal/hub';
import type { z } from 'zod';
import { ClapProjection } from './clap-projection';
import { ClapTower } from './clap-tower';
import { clapConfig } from './config';

/** CLAP, whole. */
export const clap = defineFamily({
  architectures: { clap: 'ClapModel' },
  config: clapConfig,
  build: (config, stored) => {
    const { audioConfig, textConfig, projectionDim, projectionHiddenAct } = config;
    checkWidth(audioConfig);
    const projection = (width: number) => new ClapProjection(width, projectionDim, projectionHiddenAct);
    return new ClapTower({
      encoders: {
        audio: clapAudio.build(audioConfig, stored),
        text: clapText.build(textConfig, { has: (name) => stored.has(`text_model.${name}`) }),
      },
      projections: { audio: projection(audioConfig.hiddenSize), text: projection(textConfig.hiddenSize) },
      logitScale: Math.log(config.logitScaleInitValue),
    });
  },
  keys: ({ audioConfig, textConfig }) => {
    const audio = nestedKeys(clapAudio.keys(audioConfig), { ours: 'encoders.audio.', theirs: 'audio_model.' });
    const text = nestedKeys(clapText.keys(textConfig), { ours: 'encoders.text.', theirs: 'text_model.' });
    return {
      entries: [
        ...audio.entries,
        ...text.entries,
        { ours: 'projections.audio.linear1.*', theirs: 'audio_projection.linear1.*' },
        { ours: 'projections.audio.linear2.*', theirs: 'audio_projection.linear2.*' },
        { ours: 'projections.text.linear1.*', theirs: 'text_projection.linear1.*' },
        { ours: 'projections.text.linear2.*', theirs: 'text_projection.linear2.*' },
        { ours: 'logitScale', theirs: 'logit_scale_a' },
        { ours: 'textLogitScale', theirs: 'logit_scale_t' },
      ],
      ignored: [...audio.ignored, ...text.ignored],
    };
  },
  processor: (files, { audioConfig, textConfig }) => ({
    audio: clapAudio.processor?.(files, audioConfig),
    text: clapText.processor?.(files, textConfig),
  }),
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
