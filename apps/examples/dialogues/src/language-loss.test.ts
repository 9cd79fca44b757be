import { composeModel, createRegistry, type Model } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';
import { expect, it } from 'vitest';
import { languageLoss, passages } from './language-loss';

it('is the logarithm of the number of tokens where nothing is known', async () => {
  const small = { numHiddenLayers: 1, numAttentionHeads: 2, hiddenDropout: 0 };
  const chatTemplate = '{% for m in messages %}{{ m.content }}\n{% endfor %}';
  const model = composeModel(createRegistry([text, fusion, headText]), {
    hiddenSize: 8,
    encoders: { text: { use: 'transformer', causal: true, maxLength: 300, chatTemplate, ...small } },
    fusion: { use: 'decoder' },
    heads: { answer: { use: 'language-model', learns: 'answers' } },
  } as never) as Model;
  const table = model.parameters().get('encoders.text.tokenEmbeddings.weight')!;
  table.assignValues(new Float32Array(table.size)); // to which the head is tied
  const paragraph = `It says ${'something of the world, '.repeat(6)}and ends.`;
  const some = passages(`# No paragraph\n\n${paragraph}\n\nToo short.\n\n- ${paragraph}\n\n${paragraph}`, 5);
  expect(some.length).toBe(2);
  expect(await languageLoss(model, some)).toBeCloseTo(Math.log(table.shape[0]), 4);
});
