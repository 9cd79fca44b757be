import { createRegistry } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { vision } from '@polymodal/encoder-vision';
import { fusionMethods } from '@polymodal/example-material';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { composePretrained } from '@polymodal/hub';
import { askClasses } from './ask-classes';
import { pictureTower } from './picture-tower';
import type { VqaModel } from './vqa-model';

const registry = createRegistry([vision, text, pretrainedText, fusion, heads]);

/**
 * A model in which a pretrained encoder reads the questions, frozen, and its vectors condition what is seen (FiLM).
 *
 * @param from its folder
 */
export async function withTextTower(from: string, answers: readonly string[], seed: number): Promise<VqaModel> {
  const model = await composePretrained(registry, {
    hiddenSize: 64,
    seed,
    encoders: {
      image: pictureTower,
      text: { use: 'pretrained-text', from, maxLength: 32, bucketSize: 2, shared: true },
    },
    fusion: fusionMethods.film,
    heads: { answer: { use: 'classification', labels: answers } },
  });
  return askClasses(model, ['encoders.text']);
}
