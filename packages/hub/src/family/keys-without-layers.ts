import type { KeyMap } from './key-map';

/** Those of an encoder, or of the one that a language model is composed of. */
const layers = /^(encoders\.\w+\.)?layers\.\{i\}\./;

/**
 * The key map of a model that keeps the first layers of its checkpoint (`numHiddenLayers`): the tensors of those that follow are
 * passed over.
 *
 * @param kept how many layers the model has
 */
export function keysWithoutLayers({ ignored = [], ...keys }: KeyMap, kept: number): KeyMap {
  const ofLayers = keys.entries.filter(({ ours }) => layers.test([ours].flat()[0]));
  const names = ofLayers.flatMap(({ theirs, formerly = [] }) => [theirs, ...[formerly].flat()]);
  const prefixes = new Set(names.map((name) => name.slice(0, name.indexOf('{i}') + '{i}'.length)));
  const beyond = [...prefixes].map((prefix) => ({
    theirs: `${prefix}.**`,
    from: kept,
    reason: 'a layer that numHiddenLayers leaves out',
  }));
  return { ...keys, ignored: [...ignored, ...beyond] };
}
