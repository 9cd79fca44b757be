import { join } from 'node:path';
import { replaceFile } from '@polymodal/core/node';
import type { EasyVqa } from '@polymodal/example-easy-vqa';
import { tokenizerOfWords } from '@polymodal/example-scenes/language/word-tokenizer';
import { evaluateSubsets, type HeadFigures, train } from '@polymodal/trainer';
import { easyVqaModel } from '../captions-model';
import { captionPictures } from './caption-pictures';

/** Passes over pictures with all that is asked about them. */
const epochs = 3;
const subsets = { nothing: ['text'], picture: ['image', 'text'] } as const;

/** What it came to, by what is shown beside the prompt, of captions and of answers. */
export type EasyVqaFigures = Readonly<Record<keyof typeof subsets, Readonly<Record<string, HeadFigures>>>>;

/**
 * Has a model write about the pictures of easy-VQA, in English: captions, and answers to its questions, in one head. What is finished or half
 * done is gone on with.
 */
export async function runEasyVqa(
  { train: asked, test }: EasyVqa,
  { directory, seed, signal }: { readonly directory: string; readonly seed: number; readonly signal: AbortSignal },
): Promise<EasyVqaFigures> {
  const [known, others] = [captionPictures(asked), captionPictures(test)];
  const data = [...known.captions, ...known.answers];
  const tokenizer = join(directory, 'easy-vqa-tokenizer.json');
  const texts = data.flatMap(({ text, targets }) => [String(text), String(targets!.answer)]);
  await replaceFile(tokenizer, tokenizerOfWords(texts, { lowercase: true, extra: ['[END]'] }));
  const model = easyVqaModel(tokenizer, seed);
  try {
    await train(model, {
      ...{ data, together: 'image', epochs, batchSize: 64, learningRate: 2e-3, seed, signal },
      ...{ directory: join(directory, 'easy-vqa'), checkpointEvery: { steps: 200 } },
    });
    signal.throwIfAborted();
    const figures: Record<keyof typeof subsets, Record<string, HeadFigures>> = { nothing: {}, picture: {} };
    for (const [name, samples] of Object.entries(others)) {
      const found = await evaluateSubsets(model, samples, { subsets: Object.values(subsets), common: true, signal });
      figures.nothing[name] = found.text.answer;
      figures.picture[name] = found['image+text'].answer;
    }
    return figures;
  } finally {
    model.dispose();
  }
}
