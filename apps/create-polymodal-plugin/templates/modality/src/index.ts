export { OwnPartEncoder, type OwnPartEncoderConfig, ownPartEncoder } from './own-part-encoder.js';
export { ownPartPlugin, ownPartPlugin as default } from './own-part-plugin.js';
export { type OwnPartFeatures, OwnPartProcessor, ownPartProcessor } from './own-part-processor.js';
export { type RawOwnPart, readOwnPart } from './read-own-part.js';
