import { parseJsonFile, withJsonFile } from '@polymodal/hub';
import { z } from 'zod';

/** Where transformers 5 writes it; the others are those of its earlier versions. */
const [own, ofTokenizer, ofProcessor] = ['chat_template.jinja', 'tokenizer_config.json', 'chat_template.json'];

const templates = z.union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))]);
const settings = z.looseObject({ chat_template: templates.nullish() });

/** How a folder says that conversations are written; of several templates, the one named `default`. */
export function chatTemplateOf(contents: ReadonlyMap<string, Uint8Array>): string | undefined {
  const file = contents.get(own);
  if (file) return new TextDecoder().decode(file);
  for (const name of [ofProcessor, ofTokenizer]) {
    const content = contents.get(name);
    const given = content && parseJsonFile(content, name, settings).chat_template;
    if (typeof given === 'string') return given;
    if (given) return given.find((template) => template.name === 'default')?.template;
  }
  return undefined;
}

/** A folder that says so. */
export function withChatTemplate(
  contents: ReadonlyMap<string, Uint8Array>,
  template: string,
): ReadonlyMap<string, Uint8Array> {
  const rest = new Map(contents);
  for (const name of [own, ofProcessor]) rest.delete(name);
  return withJsonFile(rest, ofTokenizer, { chat_template: template });
}
