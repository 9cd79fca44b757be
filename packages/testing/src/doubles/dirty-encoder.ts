import { type Encoder, type Tokens, withTokens } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** An encoder whose tokens hold some number wherever its mask says that they take no part, and else what another's hold. */
export function dirtyEncoder(clean: Encoder, filling: number): Encoder {
  return new Proxy(clean, {
    get(target, name) {
      const own: unknown = Reflect.get(target, name, target);
      if (typeof own !== 'function') return own;
      const act = own.bind(target);
      return makesTokens.includes(name) ? (...given: unknown[]) => soiled(act(...given), filling) : act;
    },
  });
}

const makesTokens: readonly (string | symbol)[] = ['embed', 'adopt', 'layer', 'finish', 'encode'];

function soiled<T extends Tokens>(tokens: T, filling: number): T {
  const valid = tf.broadcastTo(tf.cast(tf.expandDims(tokens.mask, 2), 'bool'), tokens.tokens.shape);
  return withTokens(tokens, tf.where(valid, tokens.tokens, tf.fill(tokens.tokens.shape, filling)));
}
