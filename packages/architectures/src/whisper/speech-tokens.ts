import { parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';

const tokenId = z.int().min(0);

/** The tokens by which Whisper is told what to write, and says when something was said. */
export const speechTokens = z.object({
  /** Behind which nothing of time is written. A checkpoint without it writes no timestamps. The next id is the time 0.00. */
  noTimestampsTokenId: tokenId.optional(),
  /** Before what was said earlier. */
  previousTokenId: tokenId.optional(),
  /** By codes: `de`. Empty of a checkpoint that knows English alone. */
  languages: z.record(z.string(), tokenId).default({}),
  /** `transcribe`, `translate` */
  tasks: z.record(z.string(), tokenId).default({}),
  /** What is written where nothing is asked: a code; detected if left out. */
  language: z.string().optional(),
  task: z.string().optional(),
  /** Tokens that older files force behind the first; null for a language that is detected. */
  forcedIds: z.array(tokenId.nullable()).readonly().default([]),
  /** The latest time that the first timestamp may say, in steps of 0.02 s. */
  maxInitialTimestamp: z.int().min(0).optional(),
  /** Layer and head of the cross-attentions that follow what is said, by which words get times. */
  alignmentHeads: z
    .array(z.tuple([tokenId, tokenId]))
    .readonly()
    .optional(),
  /** How many steps of time these are smoothed over. */
  medianFilterWidth: z.int().positive().default(7),
});

export type SpeechTokens = Readonly<z.output<typeof speechTokens>>;

const flag = z.boolean().nullish();
const id = tokenId.nullish();

/** What Whisper's generation_config.json has beside what every one has. */
const ownOptions = {
  no_timestamps_token_id: id,
  prev_sot_token_id: id,
  lang_to_id: z.record(z.string(), tokenId).nullish(),
  task_to_id: z.record(z.string(), tokenId).nullish(),
  is_multilingual: flag,
  language: z.string().nullish(),
  task: z.string().nullish(),
  forced_decoder_ids: z.array(z.tuple([z.int().min(1), tokenId.nullable()])).nullish(),
  max_initial_timestamp_index: z.int().min(0).nullish(),
  alignment_heads: z.array(z.tuple([tokenId, tokenId])).nullish(),
  median_filter_width: z.int().positive().nullish(),
  // Said at each call of transcribe.
  return_timestamps: flag,
  decoder_start_token_id: id,
};

const fileOptions = z.looseObject(ownOptions);

const generationFile = 'generation_config.json';

/** What the files beside the weights say of these tokens: older ones without a generation_config.json in config.json. */
export function speechTokensOf(files: ReadonlyMap<string, Uint8Array>): SpeechTokens {
  const name = files.has(generationFile) ? generationFile : 'config.json';
  const own = parseJsonFile(files.get(name)!, name, fileOptions);
  const forced = [...(own.forced_decoder_ids ?? [])].sort(([one], [other]) => one - other);
  return speechTokens.parse({
    noTimestampsTokenId: own.no_timestamps_token_id ?? undefined,
    previousTokenId: own.prev_sot_token_id ?? undefined,
    languages: Object.fromEntries(
      Object.entries(own.lang_to_id ?? {}).map(([token, value]) => [token.replaceAll(/[<|>]/g, ''), value]),
    ),
    tasks: own.is_multilingual === false ? {} : (own.task_to_id ?? {}),
    language: own.language?.replaceAll(/[<|>]/g, '') ?? undefined,
    task: own.task ?? undefined,
    forcedIds: forced.map(([, value]) => value),
    maxInitialTimestamp: own.max_initial_timestamp_index ?? undefined,
    alignmentHeads: own.alignment_heads ?? undefined,
    medianFilterWidth:
      parseJsonFile(files.get('config.json')!, 'config.json', fileOptions).median_filter_width ?? undefined,
  });
}

/** The files without these options, which other readers of generation_config.json do not know. */
export function withoutSpeechOptions(files: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  const content = files.get(generationFile);
  if (!content) return files;
  const rest = Object.entries(parseJsonFile(content, generationFile, z.looseObject({}))).filter(
    ([name]) => !Object.hasOwn(ownOptions, name),
  );
  return new Map(files).set(generationFile, new TextEncoder().encode(JSON.stringify(Object.fromEntries(rest))));
}
