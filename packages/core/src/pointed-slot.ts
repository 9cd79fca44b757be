import { ConfigError } from './errors/config-error';
import { UnknownNameError } from './errors/unknown-name-error';
import { suggestNames } from './nearest-names';
import type { Processor } from './processor';

/** How a processor is told that a head points into its values. */
export type PointingWay = 'locateTokens' | 'locatePixels';

/**
 * The slot into whose values a head points. Its processor, of which only some can, says from now on where what is pointed at stands.
 *
 * @param of       its name; by default the only one that can
 * @param way      how its processor is told
 * @param expected what such a slot is, for error messages
 * @throws UnknownNameError for a slot that there is not
 * @throws ConfigError for one into which nothing can point, and where none is named and there are none or several
 */
export function pointedSlot(
  of: string | undefined,
  processors: Readonly<Record<string, Processor>>,
  way: PointingWay,
  expected: string,
): string {
  const able = Object.keys(processors).filter((name) => processors[name][way]);
  const slot = of ?? (able.length === 1 ? able[0] : undefined);
  if (of !== undefined && !Object.hasOwn(processors, of)) {
    throw new UnknownNameError({
      where: 'of',
      expected: 'the name of an encoder slot',
      received: `"${of}"`,
      hint: suggestNames(of, Object.keys(processors)),
    });
  }
  if (slot !== undefined && processors[slot][way]) {
    processors[slot][way]();
    return slot;
  }
  throw new ConfigError({
    where: 'of',
    expected,
    received: of !== undefined ? `"${of}"` : able.length === 0 ? 'a model without one' : 'none named',
    ...(able.length > 0 && { hint: `One of ${able.join(', ')}.` }),
  });
}
