import { type ComposeOptions, FileFormatError } from '@polymodal/core';
import { llama } from '@polymodal/encoder-text/pretrained';
import { parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';

type SavedFile = NonNullable<ComposeOptions['savedFile']>;

const addedToken = z.looseObject({ id: z.int().optional(), content: z.string() });

/** A token that was added to a vocabulary. */
type AddedToken = z.output<typeof addedToken>;

/** The token of a tokenizer that stands for pictures. */
export interface ImageToken {
  /** Whether a token is that. */
  readonly isImage: (token: AddedToken) => boolean;
  /** How an error calls it. */
  readonly expected: string;
  /** What is written around pictures. */
  readonly around?: Readonly<Record<string, string>>;
}

/**
 * The files of a model, which say that its documents have a token of its tokenizer for pictures.
 *
 * @throws FileFormatError, once it is read, for a tokenizer without that token
 */
export function withImageToken(
  savedFile: SavedFile = () => undefined,
  { isImage, expected, around }: ImageToken,
): SavedFile {
  return (part, name) => {
    const content = savedFile(part, name);
    const tokenizer = savedFile(part, 'tokenizer.json');
    if (part !== 'processors/text' || name !== settings || !tokenizer) return content;
    const { added_tokens = [] } = parseJsonFile(tokenizer, 'tokenizer.json', addedTokens);
    const image = added_tokens.find(isImage)?.content;
    if (image === undefined) throw missing(expected, added_tokens);
    const asked = { placeholder: { image }, ...(around && { around: { image: around } }) };
    let contents: ReadonlyMap<string, Uint8Array> = new Map(content && [[name, content]]);
    for (const [option, value] of Object.entries(asked)) {
      const adjusted = llama.adjustments![option].change(value, { config: { model_type: 'llama' }, contents });
      contents = adjusted.contents ?? contents;
    }
    return contents.get(name);
  };
}

function missing(expected: string, tokens: readonly AddedToken[]): FileFormatError {
  const known = tokens.slice(0, 8).map(({ id, content }) => `${JSON.stringify(content)} (${id})`);
  return new FileFormatError({
    where: 'tokenizer.json, added_tokens',
    expected: `${expected}, which stands for pictures`,
    received: known.length > 0 ? `${known.join(', ')}${tokens.length > known.length ? ', …' : ''}` : 'none',
  });
}

const settings = 'tokenizer_config.json';

const addedTokens = z.looseObject({ added_tokens: z.array(addedToken).optional() });
