import { ConfigError } from '@polymodal/core';
import { type PerAxis, perAxis } from '@polymodal/nn';
import type { ClapAudioEncoderConfig } from './clap-audio-encoder';

/** What of {@link ClapAudioEncoderConfig} depends on one another. */
type Sizes = Pick<ClapAudioEncoderConfig, 'specSize' | 'numMelBins' | 'depths' | 'windowSize' | 'enableFusion'> & {
  readonly patchSize: PerAxis;
  readonly patchStride: PerAxis;
  readonly patchEmbedInputChannels: number;
  readonly numAttentionHeads: readonly number[];
  readonly fusionType?: string | null | undefined;
};

/**
 * Refuses sizes that do not go together, with which Python's model cannot be run either.
 *
 * @throws ConfigError that names one of them
 */
export function checkClapAudioConfig(config: Sizes): void {
  const { specSize, numMelBins, depths, windowSize } = config;
  const ratio = Math.floor(specSize / numMelBins);
  const merged = 2 ** (depths.length - 1);
  check(
    config.numAttentionHeads.length === depths.length,
    'num_attention_heads',
    `one for each of ${depths.length} stages`,
    config.numAttentionHeads.length,
  );
  check(specSize >= numMelBins, 'spec_size', `at least num_mel_bins, ${numMelBins}`, specSize);
  check(specSize % ratio === 0, 'spec_size', `a multiple of ${ratio}, which is spec_size / num_mel_bins`, specSize);
  const [sizes, strides] = [perAxis(config.patchSize), perAxis(config.patchStride)];
  for (const [axis, stride] of strides.entries()) {
    const overlap = sizes[axis] - stride;
    check(overlap >= 0, 'patch_size', `at least patch_stride, ${stride}`, sizes[axis]);
    const fits = overlap % 2 === 0 && specSize % (stride * merged) === 0;
    check(
      fits,
      'patch_stride',
      `one that patch_size exceeds by an even number, and of which a multiple by ${merged} divides spec_size`,
      stride,
    );
    const smallest = specSize / (stride * merged);
    check(windowSize <= smallest, 'window_size', `at most ${smallest}, the last stage's grid`, windowSize);
  }
  if (!config.enableFusion) return;
  check(config.fusionType !== 'channel_map', 'fusion_type', 'another', '"channel_map"');
  const channels = config.patchEmbedInputChannels;
  check(channels === 1, 'patch_embed_input_channels', '1, with enable_fusion', channels);
}

function check(holds: boolean, where: string, expected: string, received: number | string): void {
  if (!holds) throw new ConfigError({ where, expected, received: String(received) });
}
