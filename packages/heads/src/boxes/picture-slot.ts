import { ConfigError, type Processor, suggestNames, UnknownNameError } from '@polymodal/core';

/**
 * The slot of pictures into which a head points, whose processor then says where pixels lie.
 *
 * @param of its name; by default the only one of its kind
 * @throws UnknownNameError for a slot that there is not
 * @throws ConfigError for one in which nothing can be pointed at, and where none is named and there are none or several
 */
export function pictureSlot(of: string | undefined, processors: Readonly<Record<string, Processor>>): string {
  const able = Object.keys(processors).filter((name) => processors[name].locatePixels);
  const slot = of ?? (able.length === 1 ? able[0] : undefined);
  if (of !== undefined && !Object.hasOwn(processors, of)) {
    throw new UnknownNameError({
      where: 'of',
      expected: 'the name of an encoder slot',
      received: `"${of}"`,
      hint: suggestNames(of, Object.keys(processors)),
    });
  }
  const locate = slot === undefined ? undefined : processors[slot].locatePixels;
  if (slot !== undefined && locate) {
    locate.call(processors[slot]);
    return slot;
  }
  throw new ConfigError({
    where: 'of',
    expected: 'a slot of one picture a sample, whose processor tells where its pixels lie',
    received: of !== undefined ? `"${of}"` : able.length === 0 ? 'a model without one' : 'none named',
    ...(able.length > 0 && { hint: `One of ${able.join(', ')}.` }),
  });
}
