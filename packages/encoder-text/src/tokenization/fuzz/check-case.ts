import { PolymodalError } from '@polymodal/core';
import { FileTokenizer } from '../../file-tokenizer';
import { TextPositions } from '../token-offsets';
import type { TokenizerSettings } from '../tokenizer-settings';
import type { TruncationSide } from '../truncate';

/** A tokenizer.json, and what Python's tokenizers make of texts and of ids. */
export interface Case {
  readonly json: string;
  /** What stands beside it, where it is one of `AutoTokenizer`. */
  readonly settings?: TokenizerSettings;
  /** Python does not take it. */
  readonly error?: string;
  readonly encodings?: readonly {
    readonly text: string;
    readonly pair: string | null;
    readonly addSpecialTokens: boolean;
    readonly maxLength: number | null;
    readonly side: TruncationSide | null;
    readonly expected: Expected | { readonly error: string };
  }[];
  readonly decodings?: readonly {
    readonly ids: readonly number[];
    readonly skip: boolean;
    readonly expected: { readonly text: string } | { readonly error: string };
  }[];
}

interface Expected {
  readonly ids: readonly number[];
  /** In code points. */
  readonly offsets: readonly (readonly [number, number])[];
  readonly types: readonly number[];
  readonly tokens: readonly string[];
  readonly special: readonly number[];
}

export interface Verdict {
  readonly outcome: 'equal' | 'refused by both' | 'refused here' | 'refused by Python only' | 'different';
  readonly detail: string;
}

/** What became of each text, and of each list of ids. */
export function checkCase({ json, settings, error, encodings = [], decodings = [] }: Case): Verdict[] {
  const tokenizers = new Map<TruncationSide | null, FileTokenizer>();
  const tokenizerFor = (side: TruncationSide | null) => {
    const known = tokenizers.get(side);
    if (known) return known;
    const options = { ...(side && { truncationSide: side }), ...(settings && { settings }) };
    const made = new FileTokenizer(new TextEncoder().encode(json), 'tokenizer.json', options);
    tokenizers.set(side, made);
    return made;
  };
  if (error !== undefined) return [compare({ error }, () => tokenizerFor(null).vocabSize, 'the file')];
  return [
    ...encodings.map((encoding) => checkEncoding(encoding, tokenizerFor)),
    ...decodings.map(({ ids, skip, expected }) =>
      compare(
        expected,
        () => {
          const tokenizer = tokenizerFor(null);
          return { text: skip ? tokenizer.decode(ids) : tokenizer.decodeAll(ids) };
        },
        JSON.stringify({ ids, skip }),
      ),
    ),
  ];
}

type Given = NonNullable<Case['encodings']>[number];

function checkEncoding(given: Given, tokenizerFor: (side: TruncationSide | null) => FileTokenizer): Verdict {
  const { text, pair, maxLength, addSpecialTokens, side, expected } = given;
  const what = JSON.stringify({ text, pair, maxLength, side, addSpecialTokens });
  const run = () => {
    const tokenizer = tokenizerFor(side);
    const options = { addSpecialTokens, ...(pair !== null && { pair }), ...(maxLength !== null && { maxLength }) };
    const found = tokenizer.encodeText(text, options);
    const alone = pair === null && addSpecialTokens ? tokenizer.encode(text, maxLength ?? 1e6).ids : found.ids;
    const { ids, offsets, typeIds, tokens, specialTokensMask, sequences } = found;
    const own = {
      ids: [...ids],
      offsets,
      types: [...typeIds],
      tokens,
      special: [...specialTokensMask],
      alone: [...alone],
    };
    return { own, sequences };
  };
  if ('error' in expected) return compare(expected, run, what);
  const positions = [text, pair ?? ''].map((each) => new TextPositions(each));
  return compare(expected, run, what, ({ own, sequences }) => {
    const inUnits = expected.offsets.map((range, index) =>
      range.map((point) => positions[sequences[index] ?? 0].unitOf(point)),
    );
    const { ids, types, tokens, special } = expected;
    return [own, { ids, offsets: inUnits, types, tokens, special, alone: ids }];
  });
}

/** @param pair what is compared: what was found, and what Python found, in the same form */
function compare<T>(
  expected: object,
  run: () => T,
  what: string,
  pair: (found: T) => readonly [unknown, unknown] = (found) => [found, expected],
): Verdict {
  const python = 'error' in expected ? String(expected.error) : undefined;
  let found: T;
  try {
    found = run();
  } catch (error) {
    if (!PolymodalError.isInstance(error))
      return { outcome: 'different', detail: `${what}: ${(error as Error).stack}` };
    const detail = error.message.slice(0, 160);
    return python === undefined ? { outcome: 'refused here', detail } : { outcome: 'refused by both', detail };
  }
  if (python !== undefined) return { outcome: 'refused by Python only', detail: python };
  const [own, theirs] = pair(found).map((each) => JSON.stringify(each));
  if (own === theirs) return { outcome: 'equal', detail: '' };
  return { outcome: 'different', detail: `${what}\n  expected ${theirs}\n  received ${own}` };
}
