import { parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';
import { type DocumentOptions, documentOptions } from '../document-options';

/** The file in which a folder keeps how its slot reads documents. Python passes over the name. */
export const documentSettingsFile = 'tokenizer_config.json';

const settings = z.looseObject({ polymodal_documents: z.object(documentOptions).optional() });

/** How a folder says that documents are read: what the options of its slot put there. */
export function documentSettings(contents: ReadonlyMap<string, Uint8Array>): DocumentOptions {
  const content = contents.get(documentSettingsFile);
  return (content && parseJsonFile(content, documentSettingsFile, settings).polymodal_documents) ?? {};
}
