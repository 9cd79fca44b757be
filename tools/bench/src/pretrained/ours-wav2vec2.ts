// A contender: wav2vec 2.0 on our side.
import { wav2vec2 } from '@polymodal/encoder-audio/pretrained';
import { serveEncoder } from './serve-encoder';

await serveEncoder(wav2vec2, { input_values: 'inputValues' });
