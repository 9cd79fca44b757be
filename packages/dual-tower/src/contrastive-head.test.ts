import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRegistry, readParameters } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { vision } from '@polymodal/encoder-vision';
import { pretrainedImage, visionFamilies } from '@polymodal/encoder-vision/pretrained';
import { fusion } from '@polymodal/fusion';
import { type ContrastiveHead, type Embeddings, heads } from '@polymodal/heads';
import { composePretrained, loadPretrained, pretrainedPart, savePretrained } from '@polymodal/hub';
import type { Linear } from '@polymodal/nn';
import { expect, it, onTestFinished } from 'vitest';
import { clip } from './image-text';

const fixtures = fileURLToPath(new URL('../fixtures/zero-shot/', import.meta.url));

it('gives its projections and scale to a contrastive head, which then embeds as it does, and its towers back', async () => {
  const from = `${fixtures}clip`;
  const { model: pretrained } = await loadPretrained([clip], from);
  const registry = createRegistry([text, pretrainedText, vision, pretrainedImage, fusion, heads]);
  const model = await composePretrained(registry, {
    hiddenSize: 8,
    encoders: { image: { use: 'pretrained-image', from }, text: { use: 'pretrained-text', from } },
    fusion: { use: 'mean' },
    heads: { match: { use: 'contrastive', embeddingSize: 6 } },
  });
  const head = model.heads.match as ContrastiveHead;
  for (const [modality, projection] of Object.entries(pretrained.projections)) {
    head.projections[modality].weight.assign((projection as Linear).weight.value);
  }
  head.logitScale.assign(pretrained.logitScale.value);

  const expected = JSON.parse(readFileSync(`${from}/expected.json`, 'utf8'));
  const [{ match }] = await model.predict([{ image: `${fixtures}${expected.images[0]}`, text: expected.texts[0] }]);
  const { embeddings } = match as Embeddings;
  const [imageDifference, textDifference] = [
    [embeddings.image, expected.imageEmbeddings[0]],
    [embeddings.text, expected.textEmbeddings[0]],
  ].map(([ours, python]) => Math.max(...python.map((value: number, axis: number) => Math.abs(value - ours[axis]))));
  expect(imageDifference).toBeLessThan(1e-4);
  expect(textDifference).toBeLessThan(1e-4);

  const folder = mkdtempSync(join(tmpdir(), 'polymodal-tower-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await savePretrained(pretrainedPart(model, 'image'), folder);
  const alone = await loadPretrained(visionFamilies, folder); // the tower that was trained, for Python too
  expect(alone.configFile).toMatchObject({ model_type: 'clip_vision_model', architectures: ['CLIPVisionModel'] });
  expect(await readParameters(alone.model)).toEqual(await readParameters(model.encoders.image));
});
