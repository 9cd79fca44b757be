import type { AddedToken } from '../added-tokens';
import type { Json } from '../read/file-part';
import type { TextChange } from '../text-change';

/** The special tokens that Python's classes know by name, in its order. */
export const specialTokenNames = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
] as const;

type SpecialTokenName = (typeof specialTokenNames)[number];
export type SpecialTokenTexts = Readonly<Partial<Record<SpecialTokenName, string>>>;

/** A tokenizer class of transformers that makes the parts of a tokenizer itself, and takes of the file only its vocabulary. */
export interface TokenizerClass {
  /** The type of model that it is for. */
  readonly model: string;
  /** Of the special tokens that are not given. */
  readonly defaults: SpecialTokenTexts;
  /** How a special token is split off that is given by its text alone, where it is not as special tokens are by default. */
  readonly splitsOff?: (name: SpecialTokenName) => Partial<AddedToken>;
  /** The parts that it makes; those it leaves out are the file's. */
  parts(file: Json, config: Json, tokens: SpecialTokenTexts): Json;
  /** The special tokens that it puts around texts; undefined if those of the file. */
  postProcessor?(tokens: SpecialTokenTexts, idOf: (token: string) => number | undefined, config: Json): Json;
  /** What it does with decoded texts. */
  readonly afterDecoding?: TextChange;
}
