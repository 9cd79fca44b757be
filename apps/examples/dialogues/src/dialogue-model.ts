import { adapters } from '@polymodal/adapters';
import { createRegistry, type Model } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { vision } from '@polymodal/encoder-vision';
import { languageModelSizes } from '@polymodal/example-easy-vqa';
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
    adapters: [{ use: 'lora', targets: await upperMaps(languageModel), rank: 16, alpha: 32 }],
  } as never)) as Model;
  const others = ['encoders.text', 'fusion', 'heads'];
  await startFrom(model, perception, { mayBeNew: others, mayBeLeft: others });
  return model;
}

/** Of the layers in which a question has been understood, that is, without the first two fifths: how they attend, and what they write. */
async function upperMaps(folder: string): Promise<string[]> {
  const { numHiddenLayers } = await languageModelSizes(folder);
  const layers = Array.from({ length: numHiddenLayers }, (_, index) => index).slice(Math.floor(0.4 * numHiddenLayers));
  return layers.flatMap((layer) => adaptedMaps.map((map) => `encoders.text.layers.${layer}.${map}`));
}

const adaptedMaps = ['attention.query', 'attention.value', 'attention.output', 'feedForward.down'];
