import { literalPattern, PolymodalError, SampleError, unknownKeys } from '@polymodal/core';
import { type ReadFileCellOptions, readFileCell } from '../values/read-file-cell';
import type { ConversationBinding, ConversationForm } from './conversation-binding';
import { readInstruction } from './read-instruction';
import { readLlava } from './read-llava';
import { readMessages } from './read-messages';
import type { SaidConversation, SaidTurn } from './said-turn';

/** A row by the names of its columns, without cells that are empty. */
export type ConversationRow = Readonly<Record<string, unknown>>;

/** How the conversations of rows are read. */
export interface ConversationReading extends Required<ConversationBinding> {
  /** The slot that they are values of. */
  readonly host: string;
  /** The columns that are nobody's. */
  readonly unknown: readonly string[];
}

/** A turn as `@polymodal/encoder-text` takes it. */
export interface ConversationTurn {
  readonly role: string;
  readonly content: string | readonly Readonly<Record<string, unknown>>[];
}

/**
 * The conversation of a row, pictures and sounds in their places, by absolute paths.
 *
 * @throws SampleError for a row that is not of its form, for placeholders without values, values without placeholders, and files that are not
 *   there
 */
export async function readConversation(
  row: ConversationRow,
  reading: ConversationReading,
  files: ReadFileCellOptions,
): Promise<ConversationTurn[]> {
  const odd = reading.unknown.filter((name) => Object.hasOwn(row, name));
  if (odd.length > 0) {
    const known = Object.keys(row).filter((name) => !odd.includes(name));
    const names = unknownKeys(Object.fromEntries(odd.map((name) => [name, 0])), known);
    throw new SampleError({
      expected: `keys of the form "${reading.conversation}"`,
      ...names!,
      hint: `If it says nothing of the conversation: ignore: [${JSON.stringify(odd[0])}].`,
    });
  }
  const { turns, values } = readers[reading.conversation](row, reading);
  const placed = new PlacedFiles(values, reading, files);
  const read: ConversationTurn[] = [];
  for (const turn of turns) read.push(await placed.turn(turn));
  placed.requireNoneLeft();
  return read;
}

const readers: Record<ConversationForm, (row: ConversationRow, reading: ConversationReading) => SaidConversation> = {
  llava: readLlava,
  messages: readMessages,
  instruction: readInstruction,
};

/** The files of a row, which are put where their placeholders stand. */
class PlacedFiles {
  readonly #left: Map<string, unknown[]>;

  constructor(
    values: Readonly<Record<string, unknown>>,
    readonly reading: ConversationReading,
    readonly files: ReadFileCellOptions,
  ) {
    const given = Object.entries(reading.values).map(([slot, key]) => [slot, values[key]] as const);
    this.#left = new Map(given.map(([slot, cell]) => [slot, cell === undefined ? [] : [cell].flat()]));
  }

  async turn({ role, text, where }: SaidTurn): Promise<ConversationTurn> {
    const { host, values } = this.reading;
    const content: Record<string, unknown>[] = [];
    for (const piece of partsOf(text, values)) {
      if ('text' in piece) {
        if (piece.text !== '') content.push({ [host]: piece.text });
      } else if (role !== 'user') {
        throw new SampleError({
          where,
          expected: 'placeholders in questions alone',
          received: `<${values[piece.slot]}>`,
        });
      } else content.push({ [piece.slot]: await this.#next(piece.slot, where) });
    }
    const [only] = content;
    if (content.length === 1 && typeof only[host] === 'string') return { role, content: only[host] };
    return { role, content };
  }

  async #next(slot: string, where: string): Promise<unknown> {
    const key = this.reading.values[slot];
    const left = this.#left.get(slot)!;
    if (left.length === 0) {
      throw new SampleError({
        where,
        expected: `"${key}" for each placeholder <${key}>`,
        received: 'more placeholders',
      });
    }
    try {
      return await readFileCell(left.shift(), this.files);
    } catch (error) {
      throw PolymodalError.isInstance(error) ? error.at(`"${key}"`) : error;
    }
  }

  requireNoneLeft(): void {
    for (const [slot, left] of this.#left) {
      if (left.length === 0) continue;
      const key = this.reading.values[slot];
      throw new SampleError({
        where: `"${key}"`,
        expected: `a placeholder <${key}> in a question for each`,
        received: `${left.length} without one`,
      });
    }
  }
}

type Piece = { readonly text: string } | { readonly slot: string };

/** A line break beside a placeholder is of it. */
function partsOf(text: string, values: Readonly<Record<string, string>>): Piece[] {
  const slotOf = new Map(Object.entries(values).map(([slot, key]) => [`<${key}>`, slot]));
  return text
    .split(placeholders(Object.values(values)))
    .map((part) => (slotOf.has(part.trim()) ? { slot: slotOf.get(part.trim())! } : { text: part }));
}

/** Matches the placeholders of these names, kept by `split`. */
export function placeholders(keys: readonly string[]): RegExp {
  return new RegExp(`(\\n?<(?:${keys.map(literalPattern).join('|')})>\\n?)`);
}
