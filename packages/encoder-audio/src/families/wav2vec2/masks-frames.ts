/** Whether a model has a vector for masked frames, which Python makes where frames or features are masked in training. */
export function masksFrames({
  maskTimeProb,
  maskFeatureProb,
}: {
  readonly maskTimeProb: number;
  readonly maskFeatureProb: number;
}): boolean {
  return maskTimeProb > 0 || maskFeatureProb > 0;
}
