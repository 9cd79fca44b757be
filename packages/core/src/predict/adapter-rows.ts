import * as tf from '@tensorflow/tfjs-core';
import type { Pass } from '../pass';

/** Before the names of adapters among the inputs of a pass; no slot is called so. */
const prefix = '@adapter/';

/** Which rows go by which adapter, as inputs of a pass: of each adapter that occurs (B) of 0 and 1. */
export function adapterRows(ofRows: readonly (string | false)[]): tf.NamedTensorMap {
  const names = [...new Set(ofRows.flatMap((name) => name || []))].sort();
  const isOwn = (name: string) => Float32Array.from(ofRows, (own) => (own === name ? 1 : 0));
  const rows = names.map((name) => [`${prefix}${name}`, tf.tensor1d(isOwn(name))] as const);
  return Object.fromEntries(rows.length > 0 ? rows : [[prefix, tf.zeros([ofRows.length])]]); // all go by none
}

/** Whether an input of a pass is one of {@link adapterRows}. */
export function isAdapterRows(input: string): boolean {
  return input.startsWith(prefix);
}

/** What modules find of {@link adapterRows} in the pass; nothing where there are none among its inputs. */
export function passRows(inputs: tf.NamedTensorMap): Pick<Pass, 'adapterRows'> {
  const own = Object.entries(inputs).filter(([name]) => isAdapterRows(name));
  if (own.length === 0) return {};
  return {
    adapterRows: Object.fromEntries(own.map(([name, rows]) => [name.slice(prefix.length), rows as tf.Tensor1D])),
  };
}

/** Frees those of {@link adapterRows} among some inputs. */
export function disposeRows(inputs: tf.NamedTensorMap): void {
  for (const [name, tensor] of Object.entries(inputs)) if (isAdapterRows(name)) tensor.dispose();
}
