import { describeValue, isRecord, SampleError, unknownKeys } from '@polymodal/core';
import type { ConversationReading, ConversationRow } from './read-conversation';
import { requireOrder } from './require-order';
import { requireSaid, type SaidConversation, type SaidTurn } from './said-turn';

const roles = { system: 'system', human: 'user', gpt: 'assistant' } as const;

/** A row as LLaVA's data have it. @throws SampleError for turns that are none, or out of order */
export function readLlava(row: ConversationRow, { values }: ConversationReading): SaidConversation {
  const { conversations } = row;
  if (!Array.isArray(conversations) || conversations.length === 0) {
    throw new SampleError({
      where: '"conversations"',
      expected: 'a list of turns: { from, value }',
      received: describeValue(conversations),
    });
  }
  const turns = conversations.map(readTurn);
  requireOrder(turns, 'conversations', { system: 'system', user: 'human', assistant: 'gpt' });
  return { turns, values: Object.fromEntries(Object.values(values).map((key) => [key, row[key]])) };
}

function readTurn(turn: unknown, index: number): SaidTurn {
  const where = `"conversations", turn ${index}`;
  if (!isRecord(turn)) throw new SampleError({ where, expected: '{ from, value }', received: describeValue(turn) });
  const unknown = unknownKeys(turn, ['from', 'value']);
  if (unknown) throw new SampleError({ where, expected: 'a turn of from and value alone', ...unknown });
  const { from, value } = turn;
  if (typeof from !== 'string' || !Object.hasOwn(roles, from)) {
    throw new SampleError({ where, expected: 'from: "human", "gpt" or "system"', received: describeValue(from) });
  }
  return { role: roles[from as keyof typeof roles], text: requireSaid(value, where), where };
}
