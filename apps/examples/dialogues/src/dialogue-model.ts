import { adapters } from '@polymodal/adapters';
import { createRegistry, type Model } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { vision } from '@polymodal/encoder-vision';
import { plainScenes } from '@polymodal/example-scenes/scene/edition';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';
import { composePretrained } from '@polymodal/hub';
import { startFrom } from '@polymodal/trainer';

const registry = createRegistry([vision, text, pretrainedText, fusion, headText, adapters]);

/** What a model is made of that talks about pictures. */
export interface DialogueParts {
  /** The folder of a language model whose chat template writes conversations. */
  readonly languageModel: string;
  /** A run of `npm run scenes` in which encoders have learned to see, `perception-0` say. */
  readonly perception: string;
  readonly seed: number;
}

/**
 * LLaVA (Liu et al. 2023): what an encoder sees of a picture goes through a projector of two layers and stands among the words. Four by four
 * pixels of its 6 × 6 positions are one token each, so that a picture takes nine. The language model stays as it is, and learns through LoRA.
 */
export async function dialogueModel({ languageModel, perception, seed }: DialogueParts): Promise<Model> {
  const model = (await composePretrained(registry, {
    hiddenSize: 64,
    seed,
    encoders: {
      image: {
        use: 'convolutional',
        imageSize: plainScenes.size,
        stemChannels: [32, 64],
        numHiddenLayers: 2,
        pooling: 'mean-max',
        several: { most: 1, ordered: false },
      },
      text: { use: 'pretrained-text', from: languageModel, maxLength: 160, bucketSize: 8 },
    },
    fusion: { use: 'decoder', projector: 'mlp', tokens: { image: { pixelShuffle: 2 } } },
    heads: { answer: { use: 'language-model', learns: 'answers', generation: { maxNewTokens: 24 } } },
    adapters: [{ use: 'lora', targets: ['query', 'key', 'value', 'output'].map(ofLanguageModel), rank: 16, alpha: 32 }],
  } as never)) as Model;
  const others = ['encoders.text', 'fusion', 'heads'];
  await startFrom(model, perception, { mayBeNew: others, mayBeLeft: others });
  return model;
}

function ofLanguageModel(map: string): string {
  return `encoders.text.**.attention.${map}`;
}
