// A contender: BERT on our side.
import { bert } from '@polymodal/encoder-text/pretrained';
import { serveEncoder } from './serve-encoder';

await serveEncoder(bert, { input_ids: 'inputIds', attention_mask: 'mask', token_type_ids: 'tokenTypeIds' });
