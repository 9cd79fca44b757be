import type { FileMetaData } from 'hyparquet';
import { z } from 'zod';

const written = z.object({ info: z.object({ features: z.record(z.string(), z.unknown()) }) });
const classLabel = z.object({ _type: z.literal('ClassLabel'), names: z.array(z.string()).min(2) });

/** Of columns that Hugging Face's `datasets` wrote as `ClassLabel`: the names of the classes that their integers stand for. */
export function classLabels({ key_value_metadata: pairs = [] }: FileMetaData): Record<string, readonly string[]> {
  const features = featuresIn(pairs.find(({ key }) => key === 'huggingface')?.value);
  return Object.fromEntries(
    Object.entries(features).flatMap(([column, feature]) => {
      const { data } = classLabel.safeParse(feature);
      return data ? [[column, data.names]] : [];
    }),
  );
}

/** Other programs may write what they like there. */
function featuresIn(value: string | undefined): Readonly<Record<string, unknown>> {
  try {
    return written.parse(JSON.parse(value ?? '')).info.features;
  } catch {
    return {};
  }
}
