export {
  type AudioFeatures,
  AudioProcessor,
  type AudioProcessorConfig,
  type AudioRow,
  audioProcessor,
} from './audio-processor';
export { ConvolutionStem } from './convolution-stem';
export { decodeAudio } from './decode-audio';
export { type LogMelConfig, LogMelSpectrogram } from './log-mel-spectrogram';
export { type MelFilter, type MelFilterBankConfig, type MelScale, melFilterBank } from './mel-filter-bank';
export { MelTransformer, type MelTransformerConfig, melTransformer } from './mel-transformer';
export { type LogMelNormalization, normalizeLogMel } from './normalize-log-mel';
export { audio, audio as default } from './plugin';
export { type RawAudio, readRecording } from './read-recording';
export { mixToMono, type Recording } from './recording';
export { resample } from './resample';
