import { t5Whole } from './t5';

export {
  encoderDecoderHeads,
  encoderDecoderHeads as default,
  encoderDecoderRegistry,
} from './encoder-decoder-registry';
export { t5Whole };

/** Every family of models that read a text and write another. */
export const encoderDecoders = [t5Whole] as const;
