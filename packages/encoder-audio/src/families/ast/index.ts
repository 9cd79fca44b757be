import { defineFamily } from '@polymodal/hub';
import { AstEncoder } from './ast-encoder';
import { astConfig } from './config';
import { astKeys } from './keys';

/** The Audio Spectrogram Transformer. */
export const ast = defineFamily({
  architectures: { 'audio-spectrogram-transformer': 'ASTModel' },
  config: astConfig,
  build: (config) => new AstEncoder(config),
  keys: () => astKeys,
});
