import { placeFeatures } from './place-features';

/**
 * The features of a sequence that only some rows have, so that masks may cover them where a batch has none: {@link placeFeatures} of documents;
 * `answers` of conversations, (N), 1 = of an answer, which a model is to learn to write; `segment` of rows that several samples share; and
 * `tokenTypeIds` of pairs of texts.
 */
export const sequenceFeatures = [...placeFeatures, 'answers', 'segment', 'tokenTypeIds'] as const;
