import type { PluginKind } from './plugin-kind';

/**
 * What the parts are called that a new one is registered beside in the tests of its template, those of `@polymodal/encoder-text`: a registry
 * holds each name once.
 */
export const namesInUse: Readonly<Partial<Record<PluginKind, readonly string[]>>> = {
  encoder: ['transformer'],
};
