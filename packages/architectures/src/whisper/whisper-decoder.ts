import { defineHead } from '@polymodal/core';
import { generationOptions } from '@polymodal/generation';
import {
  decodedTarget,
  TextDecoderHead,
  type TextDecoderHeadConfig,
  TransformerDecoder,
  type WrittenRows,
} from '@polymodal/head-text';
import { activationNames } from '@polymodal/nn';
import { z } from 'zod';
import { detectLanguages } from './detect-languages';
import { firstTokens } from './first-tokens';
import { type SpeechTokens, speechTokens } from './speech-tokens';

const size = z.int().positive();
const rate = z.number().min(0).lt(1);

/** What a {@link WhisperHead} is made from. */
interface WhisperHeadConfig extends TextDecoderHeadConfig {
  readonly decoder: TransformerDecoder;
  readonly tokens: SpeechTokens;
}

/**
 * The decoder of Whisper (Radford et al. 2023). In predicting it writes what is said in the first 30 seconds, without times, in the language
 * that is set or detected; `transcribe` asks for more.
 */
export class WhisperHead extends TextDecoderHead {
  readonly tokens: SpeechTokens;
  readonly generation: TextDecoderHeadConfig['generation'];
  readonly target: TextDecoderHeadConfig['target'];
  declare readonly decoder: TransformerDecoder;

  constructor({ tokens, ...config }: WhisperHeadConfig) {
    super(config);
    this.tokens = tokens;
    this.generation = config.generation;
    this.target = config.target;
  }

  /** The token of the time 0.00; larger than all of a checkpoint that writes no times. */
  get firstTime(): number {
    return (this.tokens.noTimestampsTokenId ?? this.decoder.vocabSize) + 1;
  }

  /** Times are no text, where a checkpoint writes some unasked (`_filter_timestamp_ids` of Python's tokenizer). */
  protected override isText(id: number): boolean {
    return id < this.firstTime;
  }

  protected override async prompts(rows: WrittenRows, count: number): Promise<Int32Array[]> {
    const start = this.target.startTokenId;
    const first = firstTokens(this.tokens, { timestamps: false });
    const languages = first.includes(undefined)
      ? await detectLanguages(rows.decoder, count, start, this.tokens)
      : undefined;
    return Array.from({ length: count }, (_, row) =>
      Int32Array.of(start, ...first.map((id) => id ?? languages![row]!)),
    );
  }
}

/** The head `whisper-decoder`: a {@link WhisperHead} of the tokens of the slot `audio`. */
export const whisperDecoder = defineHead({
  name: 'whisper-decoder',
  target: decodedTarget,
  config: z.object({
    hiddenSize: size,
    numHiddenLayers: size,
    numAttentionHeads: size,
    intermediateSize: size,
    hiddenAct: z.enum(activationNames),
    hiddenDropout: rate,
    attentionDropout: rate,
    activationDropout: rate,
    vocabSize: size,
    maxPositionEmbeddings: size,
    tied: z.boolean(),
    tokens: speechTokens,
    generation: generationOptions.default({}),
  }),
  create: ({ tokens, generation, ...config }, { target }) => {
    const sizes = { ...config, dropPath: 0, layerNormEps: 1e-5, projectionBias: { key: false } };
    const decoder = new TransformerDecoder({ ...sizes, keyValueSize: config.hiddenSize });
    return new WhisperHead({ decoder, target, generation, attendsTo: 'audio', tokens });
  },
});
