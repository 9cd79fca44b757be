import { z } from 'zod';
import * as postProcessors from '../post-processors';
import type { Read } from './file-part';
import { readTemplates } from './read-templates';
import { byteLevelSchema, id } from './schemas';

export const readPostProcessor: Read<postProcessors.PostProcessor> = (part) => part.component(readers);

const namedId = z.tuple([z.string(), id]).transform(([token, each]) => ({ ids: [each], tokens: [token] }));
const ends = z.object({ cls: namedId, sep: namedId });

const readers: Readonly<Record<string, Read<postProcessors.PostProcessor>>> = {
  BertProcessing(part) {
    const { cls, sep } = part.parse(ends);
    return postProcessors.bertProcessing(cls, sep);
  },
  RobertaProcessing(part) {
    const { cls, sep } = part.parse(ends);
    const options = part.parse(z.object({ trim_offsets: z.boolean(), add_prefix_space: z.boolean() }));
    return postProcessors.robertaProcessing(cls, sep, options);
  },
  ByteLevel: (part) => postProcessors.byteLevelProcessing(part.parse(byteLevelSchema)),
  TemplateProcessing: (part) => postProcessors.templateProcessing(readTemplates(part)),
  Sequence: (part) => postProcessors.postProcessorSequence(part.list('processors', readPostProcessor)),
};
