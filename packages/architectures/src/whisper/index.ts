import { composeModel } from '@polymodal/core';
import { generationConfig } from '@polymodal/generation/pretrained';
import { defineComposedFamily, parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';
import { speechRegistry } from '../speech-registry';
import { whisperWholeConfig } from './config';
import { firstTokens } from './first-tokens';
import { whisperKeys } from './keys';
import { speechTokensOf, withoutSpeechOptions } from './speech-tokens';

/**
 * Whisper, whole (Radford et al. 2023): a `Model` of the slot `audio`, the fusion `none` and the head `text`, a decoder that writes what is
 * said in the first 30 seconds. `transcribe` writes longer recordings, with times, and translates.
 */
export const whisperWhole = defineComposedFamily({
  architectures: { whisper: 'WhisperForConditionalGeneration' },
  config: whisperWholeConfig,
  compose: (config, from, options) => {
    const files = filesOf(['config.json', 'generation_config.json'], options.savedFile);
    const tokens = speechTokensOf(files);
    const rest = withoutSpeechOptions(files);
    const configFile = parseJsonFile(rest.get('config.json')!, 'config.json', anyConfig);
    const { eosTokenId = configFile.eos_token_id ?? 50257, ...generation } = generationConfig(rest, configFile);
    const [endTokenId] = [eosTokenId].flat();
    return composeModel(
      speechRegistry,
      {
        hiddenSize: config.dModel,
        encoders: { audio: { use: 'pretrained-audio', from } },
        fusion: { use: 'none' },
        heads: {
          text: {
            use: 'whisper-decoder',
            tokenizer: { file: 'tokenizer.json' },
            startTokenId: startOf(files),
            endTokenId: endTokenId!,
            prefixIds: firstTokens(tokens, { timestamps: false }).filter((id) => id !== undefined),
            maxLength: config.maxTargetPositions,
            hiddenSize: config.dModel,
            numHiddenLayers: config.decoderLayers,
            numAttentionHeads: config.decoderAttentionHeads,
            intermediateSize: config.decoderFfnDim,
            hiddenAct: config.activationFunction,
            hiddenDropout: config.dropout,
            attentionDropout: config.attentionDropout,
            activationDropout: config.activationDropout,
            vocabSize: config.vocabSize,
            maxPositionEmbeddings: config.maxTargetPositions,
            tied: config.tieWordEmbeddings,
            tokens,
            generation,
          },
        },
      },
      options,
    );
  },
  keys: ({ tieWordEmbeddings }) => whisperKeys(tieWordEmbeddings),
});

const anyConfig = z.looseObject({ model_type: z.string().default(''), eos_token_id: z.int().min(0).optional() });
const withStart = z.looseObject({ decoder_start_token_id: z.int().min(0).nullish() });

/** The token that the decoder begins with: of generation_config.json, or of an older config.json. */
function startOf(files: ReadonlyMap<string, Uint8Array>): number {
  for (const name of ['generation_config.json', 'config.json']) {
    const content = files.get(name);
    const own = content && parseJsonFile(content, name, withStart).decoder_start_token_id;
    if (own !== undefined && own !== null) return own;
  }
  return 50257;
}

function filesOf(
  names: readonly string[],
  savedFile: ((part: string, name: string) => Uint8Array | undefined) | undefined,
): ReadonlyMap<string, Uint8Array> {
  return new Map(
    names.flatMap((name) => {
      const content = savedFile?.('processors/audio', name);
      return content ? [[name, content] as const] : [];
    }),
  );
}
