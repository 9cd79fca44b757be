import { type ComposeOptions, ConfigError, composeModel } from '@polymodal/core';
import { type CamelCased, defineComposedFamily, parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';
import { writingHead } from '../language-model/writing-head';
import { visionLanguageRegistry } from '../vision-language-registry';
import { withImageToken } from '../with-image-token';
import { idefics3Config } from './config';
import { idefics3Keys } from './keys';

/**
 * Idefics3 (Laurençon et al. 2024) and SmolVLM (Marafioti et al. 2025): pictures of any size, in tiles and as a whole, whose patches one
 * linear map brings, blocks of them as one, among the tokens of a Llama. A `Model` of the slots `text` and `image`, the fusion `decoder`,
 * and the head `language-model`, called `text`, which writes as the folder says.
 */
export const idefics3 = defineComposedFamily({
  architectures: { idefics3: 'Idefics3ForConditionalGeneration', smolvlm: 'SmolVLMForConditionalGeneration' },
  config: idefics3Config,
  compose: (config, from, options) => {
    const tileTokens = tokensOfTile(config);
    checkSequenceLength(options, tileTokens);
    const savedFile = withImageToken(options.savedFile, {
      isImage: ({ id }) => id === config.imageTokenId,
      expected: `the token ${config.imageTokenId}, as image_token_id of config.json says`,
      around,
    });
    return composeModel(
      visionLanguageRegistry,
      {
        hiddenSize: config.textConfig.hiddenSize,
        encoders: {
          text: { use: 'pretrained-text', from },
          image: { use: 'pretrained-image', from, several: { most: mostTiles(config, tileTokens), ordered: false } },
        },
        fusion: {
          use: 'decoder',
          ...{ host: 'text', projector: 'linear', projectorBias: false },
          tokens: { image: { pixelShuffle: config.scaleFactor } },
        },
        heads: { text: writingHead('text', config.tieWordEmbeddings, options) },
      },
      { ...options, savedFile },
    );
  },
  keys: (config) => idefics3Keys({ tied: config.tieWordEmbeddings }),
});

/** What stands around pictures in documents (HF `Idefics3Processor`, `SmolVLMProcessor`). */
const around = {
  tile: '<fake_token_around_image><row_{row}_col_{column}>',
  rowEnd: '\n',
  tilesEnd: '\n',
  whole: '<fake_token_around_image><global-img>',
  end: '<fake_token_around_image>',
};

type Idefics3Config = CamelCased<z.output<typeof idefics3Config>>;

/** @throws ConfigError for patches that cannot be put together as asked */
function tokensOfTile({ visionConfig, scaleFactor }: Idefics3Config): number {
  const patches = Math.floor(visionConfig.imageSize / visionConfig.patchSize);
  if (patches > 0 && patches % scaleFactor === 0) return (patches / scaleFactor) ** 2;
  const expected = `a divisor of the ${patches} patches a side of a picture`;
  throw new ConfigError({ where: 'scale_factor', expected, received: String(scaleFactor) });
}

/** What Python writes of a tile before it knows how many tokens that has: it fails where it is another number. */
function checkSequenceLength({ savedFile }: ComposeOptions, tileTokens: number): void {
  const name = 'processor_config.json';
  const content = savedFile?.('processors/image', name);
  const stated = content && parseJsonFile(content, name, processorConfig).image_seq_len;
  if (stated == null || stated === tileTokens) return;
  throw new ConfigError({
    where: `${name}, image_seq_len`,
    expected: `${tileTokens}, as many tokens as image_size, patch_size and scale_factor of config.json give a tile`,
    received: String(stated),
  });
}

const processorConfig = z.looseObject({ image_seq_len: z.int().nullish() });

/** As many as the language model has positions for. */
function mostTiles({ textConfig }: Idefics3Config, tileTokens: number): number {
  return Math.min(Math.max(Math.floor(textConfig.maxPositionEmbeddings / tileTokens), 1), 1024);
}
