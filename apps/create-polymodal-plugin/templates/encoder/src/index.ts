export { ConvolutionLayer } from './convolution-layer.js';
export { OwnPartEncoder, type OwnPartEncoderConfig, ownPartEncoder } from './own-part-encoder.js';
export { ownPartPlugin, ownPartPlugin as default } from './own-part-plugin.js';
