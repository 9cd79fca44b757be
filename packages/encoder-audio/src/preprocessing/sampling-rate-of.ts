import { parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';

const extractor = z.looseObject({ sampling_rate: z.number().positive().nullish() });
const processor = z.looseObject({ feature_extractor: extractor.nullish() });

/** Samples a second that the files beside a model say it hears: 16,000 where they say nothing, as all that was published. */
export function samplingRateOf(files: ReadonlyMap<string, Uint8Array> | undefined): number {
  const read = <T>(name: string, schema: z.ZodType<T>) => {
    const content = files?.get(name);
    return content && parseJsonFile(content, name, schema);
  };
  const own =
    read('preprocessor_config.json', extractor) ?? read('processor_config.json', processor)?.feature_extractor;
  return own?.sampling_rate ?? 16_000;
}
