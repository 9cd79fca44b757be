import { z } from 'zod';
import { type AddedToken, AddedTokens } from '../added-tokens';
import { Pipeline } from '../pipeline';
import { FilePart, type Json } from './file-part';
import { readDecoder } from './read-decoder';
import { readModel } from './read-model';
import { readNormalizer } from './read-normalizer';
import { readPostProcessor } from './read-post-processor';
import { readPreTokenizer } from './read-pre-tokenizer';

/** What a pipeline gets beside its tokenizer.json. */
export interface ReadOptions {
  /** Tokens that are added after those of the file. */
  readonly moreTokens?: readonly (readonly AddedToken[])[];
  /** Special tokens in a text are text like any other. */
  readonly splitsSpecialTokens?: boolean;
}

/**
 * The tokenizer of a tokenizer.json.
 *
 * @param where how error messages call it
 * @throws FileFormatError for what Python's tokenizers do not take, or for a component that is not done here, by its name
 */
export function readTokenizer(json: Json, where: string, options: ReadOptions = {}): Pipeline {
  const file = new FilePart(json, where);
  const { version } = json;
  if (version !== undefined && version !== '1.0') file.at('version').refuse('"1.0"', version);
  const model = readModel(file.at('model'));
  const normalizer = file.optional('normalizer', readNormalizer);
  const preTokenizer = file.optional('pre_tokenizer', readPreTokenizer);
  const postProcessor = file.optional('post_processor', readPostProcessor);
  const decoder = file.optional('decoder', readDecoder);
  const addedTokens = new AddedTokens(model, normalizer, where, options.splitsSpecialTokens ?? false);
  addedTokens.add(file.optional('added_tokens', (part) => part.parse(addedTokenSchema.array())) ?? []);
  for (const tokens of options.moreTokens ?? []) addedTokens.add(tokens);
  checkIds(addedTokens, file);
  const needsOrigin = JSON.stringify(json.pre_tokenizer ?? null).includes('"prepend_scheme":"first"');
  return new Pipeline({ addedTokens, model, preTokenizer, postProcessor, decoder, needsOrigin });
}

const addedTokenSchema = z
  .object({
    content: z.string(),
    single_word: z.boolean().default(false),
    lstrip: z.boolean().default(false),
    rstrip: z.boolean().default(false),
    normalized: z.boolean().optional(),
    special: z.boolean().default(false),
  })
  .transform((token): AddedToken => ({ ...token, normalized: token.normalized ?? !token.special }));

/** Ids make rows of a table; a few bytes must not ask for more memory than there is. */
function checkIds({ ids, model }: AddedTokens, file: FilePart): void {
  const limit = 4 * (model.vocabulary.size + ids.size) + 65_536;
  for (const tokens of [model.vocabulary.ids, ids]) {
    for (const [token, each] of tokens) {
      if (each >= limit) {
        const received = `${each} for ${JSON.stringify(token)}`;
        file.at('ids').refuse(`ids below ${limit} for so few tokens`, received);
      }
    }
  }
}
