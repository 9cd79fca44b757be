import { suggestNames, UnknownNameError } from '@polymodal/core';

/** Feature extractors of transformers, by the names of their classes. HuBERT uses wav2vec 2.0's. */
const featureExtractorTypes = [
  'Wav2Vec2FeatureExtractor',
  'WhisperFeatureExtractor',
  'ASTFeatureExtractor',
  'ClapFeatureExtractor',
] as const;

export type FeatureExtractorType = (typeof featureExtractorTypes)[number];

/**
 * The type that a file names, or else `byDefault`.
 *
 * @throws UnknownNameError for one that is not implemented, and where neither names one
 */
export function featureExtractorType(
  name: string | undefined,
  byDefault: FeatureExtractorType | undefined,
): FeatureExtractorType {
  const type = featureExtractorTypes.find((known) => known === (name ?? byDefault));
  if (type) return type;
  throw new UnknownNameError({
    where: 'feature_extractor_type',
    expected: 'the class of a feature extractor that is implemented',
    received: name === undefined ? 'none' : `"${name}"`,
    hint: suggestNames(name ?? '', featureExtractorTypes),
  });
}
