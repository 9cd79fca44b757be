/**
 * What sees the pictures, the same in every model and learned from nothing: five convolutions, each of which halves the 64 pixels a side,
 * and residual blocks. Four tokens of a picture are left, few enough for a language model to read them fast.
 */
export const pictureTower = {
  use: 'convolutional',
  imageSize: 64,
  hiddenSize: 64,
  stemChannels: [8, 16, 32, 64],
  numHiddenLayers: 3,
  pooling: 'mean-max',
} as const;
