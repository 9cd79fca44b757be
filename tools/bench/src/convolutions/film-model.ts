import { composeModel, createRegistry } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { type ConvolutionsConfig, film } from './configs';

/** A model that answers questions about pictures: convolutions which the question modulates. */
export function filmModel({ encoder }: ConvolutionsConfig) {
  const { imageSize, hiddenSize, stemChannels, numHiddenLayers, pooling } = encoder;
  return composeModel(createRegistry([vision, text, fusion, heads]), {
    hiddenSize,
    seed: 0,
    encoders: {
      image: {
        use: 'convolutional',
        imageSize: imageSize[0],
        stemChannels: [...stemChannels],
        numHiddenLayers,
        pooling,
        mean: 0,
        std: 1,
        shared: true,
      },
      text: {
        use: 'transformer',
        tokenizer: 'bytes',
        maxLength: film.questionLength,
        bucketSize: film.questionLength,
        numHiddenLayers: 2,
        numAttentionHeads: 4,
        hiddenDropout: 0,
        shared: true,
      },
    },
    fusion: { use: 'film', condition: 'text', after: film.after },
    heads: { answer: { use: 'classification', labels: film.answers, hiddenSizes: [128] } },
  });
}
