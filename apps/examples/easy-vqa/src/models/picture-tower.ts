/**
 * What sees the pictures, the same in every model and learned from nothing: three convolutions, each of which halves the 64 pixels a side,
 * and residual blocks over the 8 × 8 positions that are left: with fewer, shapes are learned far more slowly. The pictures are nearly
 * white, but for a shape: that is what `mean` takes away.
 */
export const pictureTower = {
  use: 'convolutional',
  imageSize: 64,
  mean: 0.9,
  std: 0.3,
  hiddenSize: 64,
  stemChannels: [16, 32],
  numHiddenLayers: 2,
  pooling: 'mean-max',
  shared: true, // a picture has ten questions
} as const;
