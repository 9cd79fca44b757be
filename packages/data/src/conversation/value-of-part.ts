import { isRecord } from '@polymodal/core';

/** What a part is, by its type: `image_url` is an image too. */
export function kindOfPart(type: string): string {
  return type.replace(/_url$/, '');
}

/** The keys by which a part of a message's content may say its value: `{ type: 'image', image: 'a.jpg' }`, or `path`, or `url`. */
export function waysOfPart(type: string): readonly string[] {
  return [type, 'path', 'url'];
}

/** The picture or sound of a part; `{ image_url: { url } }` is how chat programs are sent one. `undefined` where it has none of its own. */
export function valueOfPart(type: string, rest: Readonly<Record<string, unknown>>): unknown {
  const way = waysOfPart(type).find((name) => rest[name] !== undefined);
  const value = way === undefined ? undefined : rest[way];
  return isRecord(value) && typeof value.url === 'string' && Object.keys(value).length === 1 ? value.url : value;
}
