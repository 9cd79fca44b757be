import { ConfigError } from '@polymodal/core';
import { type Adjustment, parseJsonFile, withJsonFile } from '@polymodal/hub';
import { z } from 'zod';

/** Length of a recording. */
export const seconds = z.number().positive();

/**
 * An option of ours in preprocessor_config.json, since Python's extractors get the length with each call (`max_length` and
 * `truncation`): they read past it.
 */
export const maxSecondsName = 'max_length_seconds';

/** The adjustment `maxLength`: recordings are cut after so many seconds. */
export const cutsRecordings: Adjustment<typeof seconds> = {
  value: seconds,
  change(value, { contents }) {
    const option = { [maxSecondsName]: value };
    const own = 'preprocessor_config.json';
    if (contents.has(own)) return { contents: withJsonFile(contents, own, option) };
    const name = 'processor_config.json';
    const several = contents.get(name);
    const inner = several && parseJsonFile(several, name, withExtractor).feature_extractor;
    if (inner) return { contents: withJsonFile(contents, name, { feature_extractor: { ...inner, ...option } }) };
    const expected = 'a folder with preprocessor_config.json, which says how recordings are prepared';
    throw new ConfigError({ where: 'maxLength', expected, received: `one with ${[...contents.keys()].join(', ')}` });
  },
};

const withExtractor = z.looseObject({ feature_extractor: z.looseObject({}).nullish() });
