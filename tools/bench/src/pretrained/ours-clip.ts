// A contender: the vision tower of CLIP on our side.
import { clipVision } from '@polymodal/encoder-vision/pretrained';
import { serveEncoder } from './serve-encoder';

await serveEncoder(clipVision, { pixel_values_last: 'pixelValues' });
