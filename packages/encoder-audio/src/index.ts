export { AudioProcessor, type AudioProcessorConfig, audioProcessor } from './audio-processor';
export { ConvolutionStem } from './convolution-stem';
export { decodeAudio } from './decode-audio';
export { audioFamilies } from './families';
export { ast } from './families/ast';
export { AstEncoder, type AstEncoderConfig } from './families/ast/ast-encoder';
export { clapAudio } from './families/clap-audio';
export { ClapAudioEncoder, type ClapAudioEncoderConfig } from './families/clap-audio/clap-audio-encoder';
export { hubert } from './families/hubert';
export { wav2vec2 } from './families/wav2vec2';
export { Wav2Vec2Encoder, type Wav2Vec2EncoderConfig } from './families/wav2vec2/wav2vec2-encoder';
export { whisper } from './families/whisper';
export { WhisperEncoder, type WhisperEncoderConfig } from './families/whisper/whisper-encoder';
export { type LogMelConfig, LogMelSpectrogram } from './log-mel-spectrogram';
export { type MelFilter, type MelFilterBankConfig, type MelScale, melFilterBank } from './mel-filter-bank';
export { MelTransformer, type MelTransformerConfig, melTransformer } from './mel-transformer';
export { type LogMelNormalization, normalizeLogMel } from './normalize-log-mel';
export { audio, audio as default } from './plugin';
export type { FeatureExtractorType } from './preprocessing/feature-extractor-type';
export {
  PretrainedAudioProcessor,
  type PretrainedAudioProcessorSettings,
} from './preprocessing/pretrained-audio-processor';
export { pretrainedAudio } from './pretrained-audio';
export { type RawAudio, readRecording } from './read-recording';
export { mixToMono, type Recording } from './recording';
export { resample } from './resample';
