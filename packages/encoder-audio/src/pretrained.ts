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
export type { AstFeatures } from './preprocessing/ast-feature-extractor';
export type { ClapFeatures } from './preprocessing/clap-feature-extractor';
export type { FeatureExtractorType } from './preprocessing/feature-extractor-type';
export {
  PretrainedAudioProcessor,
  type PretrainedAudioProcessorSettings,
} from './preprocessing/pretrained-audio-processor';
export { samplingRateOf } from './preprocessing/sampling-rate-of';
export type { Wav2Vec2Features } from './preprocessing/wav2vec2-feature-extractor';
export { WhisperFeatureExtractor, type WhisperFeatures } from './preprocessing/whisper-feature-extractor';
export { pretrainedAudio, pretrainedAudio as default, pretrainedAudioEncoder } from './pretrained-audio';
