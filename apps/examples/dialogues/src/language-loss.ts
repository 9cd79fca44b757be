import { inferenceContext, type Model, type Sample, uploadBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** The mean cross-entropy of a token of the answers in some conversations, in nats. */
export async function languageLoss(model: Model, conversations: readonly Sample[]): Promise<number> {
  let [sum, count] = [0, 0];
  for (const sample of conversations) {
    const prepared = await model.prepare(sample);
    const [own, tokens] = tf.tidy(() => {
      const { tokens } = model.losses(uploadBatch(model.collate([prepared])), inferenceContext()).answer;
      return [tokens.sum.dataSync()[0], tokens.count];
    });
    sum += own;
    count += tokens;
  }
  return sum / count;
}

/** Paragraphs of a text, each as what an assistant says, whatever it was asked. */
export function passages(text: string, most: number): Sample[] {
  const paragraphs = text.split(/\n\s*\n/).map((paragraph) => paragraph.replaceAll(/\s+/g, ' ').trim());
  return paragraphs
    .filter((paragraph) => /^[A-Z]/.test(paragraph) && paragraph.length > 100 && paragraph.length < 400)
    .slice(0, most)
    .map((content) => ({
      text: [
        { role: 'user', content: 'Go on.' },
        { role: 'assistant', content },
      ],
    }));
}
