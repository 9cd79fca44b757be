import { type Batch, type HeadRows, mapRecord } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';

/** Tensors under names that begin with a word. */
export function prefixed(word: string, tensors: tf.NamedTensorMap): tf.NamedTensorMap {
  return Object.fromEntries(Object.entries(tensors).map(([name, own]) => [`${word} ${name}`, own]));
}

/** Those of some tensors whose names begin with a word, without it. */
export function withPrefix(word: string, tensors: tf.NamedTensorMap): tf.NamedTensorMap {
  const begin = `${word} `;
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, own]) => (name.startsWith(begin) ? [[name.slice(begin.length), own]] : [])),
  );
}

/** Tensors by head as tensors under one name each. */
export function flattened(rows: HeadRows): tf.NamedTensorMap {
  return Object.assign({}, ...Object.entries(rows).map(([head, own]) => prefixed(head, own)));
}

/** The reverse of {@link flattened}, for some heads. */
export function byHead(tensors: tf.NamedTensorMap, heads: readonly string[]): HeadRows {
  const own = Object.fromEntries(heads.map((head) => [head, withPrefix(head, tensors)]));
  return Object.fromEntries(Object.entries(own).filter(([, named]) => Object.keys(named).length > 0));
}

/** The tensors of a batch. */
export function tensorsOf({ modalities, targets, mixture }: Batch): tf.NamedTensorMap {
  const features = (rows: Batch['modalities']) =>
    flattened(mapRecord(rows, ({ features: own }) => own as tf.NamedTensorMap));
  return {
    ...prefixed('modality', features(modalities)),
    ...prefixed('target', features(targets)),
    ...prefixed('partner', features(mixture?.targets ?? {})),
    ...(mixture && { 'mixture share': mixture.share }),
  };
}
