import { languageModels } from '@polymodal/architectures/language-models';
import { type Model, StateError } from '@polymodal/core';
import type { WrittenText } from '@polymodal/head-text';
import { loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { readingOptions } from './models/with-language-model';

/** Of every kind: what the model knows, and what it has learned to be asked. */
const texts = ['The capital of France is', 'Once upon a time', 'is it red?'];
const maxNewTokens = 12;

/** What a language model makes of a text. */
interface Continued {
  /** Of the token after each of the text. */
  readonly logits: Float32Array;
  readonly text: string;
}

/**
 * Makes sure that a language model which has learned to look is still itself where there is no picture, and where it has adapters, these are
 * out of use: logits to the bit, and what it writes.
 *
 * @param folder of the language model
 * @returns what has been found, for people
 * @throws StateError for a text of which it makes something else
 */
export async function requireSameTexts(looking: Model, folder: string): Promise<string> {
  const { model: plain } = await loadPretrained(languageModels, folder, { adjust: readingOptions });
  looking.useAdapters(false);
  try {
    for (const text of texts) {
      const [before, after] = [await continued(plain, 'text', text), await continued(looking, 'answer', text)];
      if (isSame(before, after)) continue;
      throw new StateError({
        where: JSON.stringify(text),
        expected: `what the language model by itself goes on with: ${JSON.stringify(before.text)}, with the same logits`,
        received: before.text === after.text ? 'other logits' : JSON.stringify(after.text),
      });
    }
  } finally {
    looking.useAdapters(true);
    plain.dispose();
  }
  return `Without a picture it is the language model by itself: of ${texts.length} texts, logits equal to the bit, and what it writes.`;
}

/** @param head the head that writes */
async function continued(model: Model, head: string, text: string): Promise<Continued> {
  const { run, inputs } = await model.signature({ text }, { heads: [head] });
  const prepared = inputs([await model.prepare({ text })]);
  const outputs = tf.tidy(() => run(prepared));
  const logits = await outputs[`${head}/logits`].data<'float32'>();
  tf.dispose([prepared, outputs]);
  const [answers] = await model.predict([{ text }], { heads: { [head]: { maxNewTokens } } });
  return { logits, text: (answers[head] as WrittenText).text };
}

function isSame(a: Continued, b: Continued): boolean {
  const [bits, others] = [a, b].map(({ logits }) => new Int32Array(logits.buffer, logits.byteOffset, logits.length));
  return a.text === b.text && bits.length === others.length && bits.every((value, index) => value === others[index]);
}
