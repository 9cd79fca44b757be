import { describeValue, isRecord, SampleError, unknownKeys } from '@polymodal/core';
import type { ConversationReading, ConversationRow } from './read-conversation';
import { requireOrder } from './require-order';
import { requireSaid, type SaidConversation, type SaidTurn } from './said-turn';
import { kindOfPart, valueOfPart, waysOfPart } from './value-of-part';

/** By what name messages call the roles; what a developer says is what systems say. */
const roles = { system: 'system', developer: 'system', user: 'user', assistant: 'assistant' } as const;
const roleNames = { system: 'system', user: 'user', assistant: 'assistant' } as const;

/**
 * A row of messages. Parts of a content become text with placeholders, whose values the parts have with them, or the columns of the row.
 *
 * @throws SampleError for messages and parts that are none, or out of order, and for values in both places
 */
export function readMessages(row: ConversationRow, { values }: ConversationReading): SaidConversation {
  const { messages } = row;
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new SampleError({
      where: '"messages"',
      expected: 'a list of messages: { role, content }',
      received: describeValue(messages),
    });
  }
  const own = new PartValues(values);
  const turns = messages.map((message, index) => readMessage(message, `"messages", ${index}`, own));
  requireOrder(turns, 'messages', roleNames);
  return { turns, values: own.beside(row) };
}

function readMessage(message: unknown, where: string, own: PartValues): SaidTurn {
  if (!isRecord(message)) {
    throw new SampleError({ where, expected: '{ role, content }', received: describeValue(message) });
  }
  const unknown = unknownKeys(message, ['role', 'content']);
  if (unknown) throw new SampleError({ where, expected: 'a message of role and content alone', ...unknown });
  const { role, content } = message;
  if (typeof role !== 'string' || !Object.hasOwn(roles, role)) {
    throw new SampleError({
      where,
      expected: `role: ${Object.keys(roles)
        .map((name) => `"${name}"`)
        .join(', ')}`,
      received: describeValue(role),
    });
  }
  const text = Array.isArray(content)
    ? content.map((part, index) => readPart(part, `${where}, part ${index}`, own)).join('')
    : content;
  return { role: roles[role as keyof typeof roles], text: requireSaid(text, where), where };
}

/** The text of a part, or its placeholder. */
function readPart(part: unknown, where: string, own: PartValues): string {
  if (!isRecord(part) || typeof part.type !== 'string') {
    throw new SampleError({ where, expected: 'a part: { type, … }', received: describeValue(part) });
  }
  const { type, ...rest } = part;
  if (type !== 'text') return own.placeholder(type, rest, where);
  const unknown = unknownKeys(rest, ['text']);
  if (unknown) throw new SampleError({ where, expected: '{ type: "text", text }', ...unknown });
  return requireSaid(rest.text, where);
}

/** The values that parts of contents have with them. */
class PartValues {
  readonly #own = new Map<string, unknown[]>();

  constructor(readonly values: ConversationReading['values']) {}

  /** @throws SampleError for a part of a kind that no slot takes, and for one that says its value in no way that is known */
  placeholder(type: string, rest: Readonly<Record<string, unknown>>, where: string): string {
    const kind = kindOfPart(type);
    const key = Object.entries(this.values).find((names) => names.includes(kind))?.[1];
    if (key === undefined) {
      const known = [...new Set(['text', ...Object.values(this.values)])];
      throw new SampleError({
        where,
        expected: `a part of type ${known.map((name) => `"${name}"`).join(', ')}`,
        received: `"${type}"`,
      });
    }
    const ways = waysOfPart(type);
    const unknown = unknownKeys(rest, ways);
    const given = ways.filter((way) => rest[way] !== undefined);
    if (unknown || given.length > 1) {
      throw new SampleError({
        where,
        expected: `its value as one of ${ways.join(', ')}`,
        ...(unknown ?? { received: given.join(' and ') }),
      });
    }
    const value = valueOfPart(type, rest);
    if (value !== undefined) this.#own.set(key, [...(this.#own.get(key) ?? []), value]);
    return `<${key}>`;
  }

  /** The values by their keys. @throws SampleError for one that has some in parts, and some in its column */
  beside(row: ConversationRow): Record<string, unknown> {
    const cells = Object.values(this.values).map((key) => {
      const own = this.#own.get(key);
      if (own && row[key] !== undefined) {
        throw new SampleError({
          where: `"${key}"`,
          expected: 'values in parts of messages, or in the column of this name',
          received: 'both',
        });
      }
      return [key, own ?? row[key]] as const;
    });
    return Object.fromEntries(cells);
  }
}
