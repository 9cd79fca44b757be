/**
 * What sees the pictures, the same in every model and learned from nothing: four convolutions, each of which halves the 64 pixels a side,
 * and residual blocks. Sixteen tokens of a picture are left, few enough for a language model to read them fast. The pictures are nearly
 * white, but for a shape: that is what `mean` takes away.
 */
export const pictureTower = {
  use: 'convolutional',
  imageSize: 64,
  mean: 0.9,
  std: 0.3,
  hiddenSize: 96,
  stemChannels: [16, 32, 64],
  numHiddenLayers: 2,
  pooling: 'mean-max',
} as const;
