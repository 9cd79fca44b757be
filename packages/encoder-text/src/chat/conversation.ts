import { describeValue, isRecord, SampleError, unknownKeys } from '@polymodal/core';

/**
 * A turn of a conversation, as a sample has it: who says what. What is said is a text, or parts as a document has them, texts under the name
 * of the slot whose value the conversation is:
 *
 * ```ts
 * const turns: Turn[] = [
 *   { role: 'user', content: [{ image: 'a.png' }, { text: 'What is left of the cube?' }] },
 *   { role: 'assistant', content: 'A ball.' },
 * ];
 * ```
 */
export interface Turn {
  /** `system`, `user` or `assistant`, or whatever else the chat template knows. */
  readonly role: string;
  readonly content: string | readonly Readonly<Record<string, unknown>>[];
  /** Of the last turn: whether what is written goes on with it, in place of a turn of its own. Default false. */
  readonly unfinished?: boolean;
}

/** A turn, read. */
export interface ReadTurn {
  readonly role: string;
  readonly parts: readonly TurnPart[];
  readonly unfinished: boolean;
  /** How error messages call it: `turn 2`. */
  readonly where: string;
}

/** What is said: a text, or the value of a slot. */
export type TurnPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly slot: string; readonly value: unknown; readonly where: string };

/**
 * The turns of a raw value that is a conversation: a list in which something has a role. Undefined for any other.
 *
 * @param host the slot whose value it is
 * @throws SampleError for a turn that is none, by its number
 */
export function readConversation(raw: unknown, host: string): ReadTurn[] | undefined {
  if (!Array.isArray(raw) || !raw.some((turn) => isRecord(turn) && Object.hasOwn(turn, 'role'))) return undefined;
  const turns = raw.map((turn: unknown, index) => readTurn(turn, `turn ${index}`, host));
  const open = turns.slice(0, -1).find(({ unfinished }) => unfinished);
  if (!open) return turns;
  throw new SampleError({ where: open.where, expected: 'no turn but the last to be unfinished', received: 'one' });
}

const keys = ['role', 'content', 'unfinished'];

function readTurn(turn: unknown, where: string, host: string): ReadTurn {
  if (!isRecord(turn)) {
    throw new SampleError({ where, expected: 'a turn: { role, content }', received: describeValue(turn) });
  }
  const unknown = unknownKeys(turn, keys);
  if (unknown) throw new SampleError({ where, expected: `a turn with ${keys.join(', ')}`, ...unknown });
  const { role, content, unfinished = false } = turn;
  if (typeof role !== 'string' || role === '') {
    throw new SampleError({ where, expected: 'a role: "user" or "assistant", say', received: describeValue(role) });
  }
  if (typeof unfinished !== 'boolean') {
    throw new SampleError({ where, expected: 'unfinished: true or false', received: describeValue(unfinished) });
  }
  return { role, parts: readParts(content, where, host), unfinished, where };
}

function readParts(content: unknown, where: string, host: string): TurnPart[] {
  if (typeof content === 'string') return [{ kind: 'text', text: requireCharacters(content, where) }];
  if (!Array.isArray(content) || content.length === 0) {
    throw new SampleError({
      where,
      expected: `content: a text, or a list of parts: [{ image: … }, { ${host}: … }]`,
      received: describeValue(content),
    });
  }
  return content.flatMap((part: unknown, index): TurnPart[] => {
    const own = `${where}, part ${index}`;
    const [slot, ...others] = isRecord(part) ? Object.keys(part) : [];
    if (slot === undefined || others.length > 0) {
      throw new SampleError({
        where: own,
        expected: 'an object with one key, the name of a slot',
        received: slot === undefined ? describeValue(part) : `one with ${[slot, ...others].join(', ')}`,
      });
    }
    const value = (part as Readonly<Record<string, unknown>>)[slot];
    if (value === undefined || value === null) return []; // absent, as in documents
    if (slot !== host) return [{ kind: 'value', slot, value, where: own }];
    if (typeof value === 'string') return [{ kind: 'text', text: requireCharacters(value, own) }];
    throw new SampleError({ where: own, expected: 'a text', received: describeValue(value) });
  });
}

/** Those that are none stand for values and answers while a template is rendered. */
function requireCharacters(text: string, where: string): string {
  if (!/[\uFDD0-\uFDD4]/.test(text)) return text;
  throw new SampleError({
    where,
    expected: 'a text of characters',
    received: 'one with U+FDD0 to U+FDD4, which are none',
  });
}
