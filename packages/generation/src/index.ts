export { CachedDecoder } from './cache/cached-decoder';
export type { CachedDecoding, Outputs, StartOptions } from './cache/cached-decoding';
export { CachedFrameDecoder, type DecodableFrames } from './cache/cached-frame-decoder';
export type { CachedPass, PassInputs, PassResults } from './cache/cached-pass';
export { CachedTokenDecoder, type CachedTokens, type DecodableTokens } from './cache/cached-token-decoder';
export type { CacheSizes, Decodable, Decoded, DecodingInputs } from './cache/decodable';
export type { KeptPrompts } from './cache/kept-prompts';
export type { PromptFeatures } from './cache/left-padded';
export { type CausalEncoder, isCausalEncoder } from './causal-encoder';
export {
  beginSequence,
  type CausalSequence,
  causalSequence,
  followSequence,
  layersAlone,
  type SequenceLayers,
  type SequenceStart,
  sequenceWords,
} from './causal-sequence';
export { type ChoiceOptions, chooseToken, logitsProcessors } from './choose-token';
export { type Constraint, constraintOf } from './constraint/constraint';
export type { ConstraintOption } from './constraint/constraint-option';
export { continueSequences, type FinishReason, type Turn } from './continue-sequences';
export { ContinuedText } from './continued-text';
export { decodeThrough, type LayerOf, lastOf, type RunTokens } from './decode-through';
export type { Decoding } from './decoding';
export { type Chosen, type Continued, eachByItself, type Place } from './each-by-itself';
export type { FrameDecoder, NextFrames } from './frame-decoder';
export { type FrameOptions, type GeneratedFrame, generateFrames } from './generate-frames';
export { type GeneratedToken, type GenerationControl, generateTokens } from './generate-tokens';
export { type GenerationOptions, generationOptions } from './generation-options';
export type { LogitsProcessor, SequenceSoFar } from './logits/logits-processor';
export {
  type CachedPrefixes,
  type CachesPrefixes,
  cachePrefixes,
  type PrefixOptions,
} from './prefix/cache-prefixes';
export { PrefixCache, type PrefixFigures } from './prefix/prefix-cache';
export { type BegunTokens, type SequenceProgram, sequenceProgram } from './sequence-program';
export { type StartedSequence, startSequence } from './started-sequence';
export { type EndsWith, stopStrings } from './stop-strings';
export type { EmbeddedPrompt, RunPrompt, TokenDecoder, TokenPrompt } from './token-decoder';
