import { describeValue, isRecord, SampleError, unknownKeys } from '@polymodal/core';
import type { ConversationReading, ConversationRow } from './read-conversation';
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
  const spoken = turns[0].role === 'system' ? turns.slice(1) : turns;
  const odd = spoken.find(({ role }, index) => role !== (index % 2 === 0 ? 'user' : 'assistant'));
  if (odd || spoken.length === 0) {
    throw new SampleError({
      where: odd?.where ?? '"conversations"',
      expected: '"human" and "gpt" in turn, "human" first, and "system" before them if at all',
      received: odd
        ? `a turn of "${Object.entries(roles).find(([, role]) => role === odd.role)![0]}"`
        : '"system" alone',
    });
  }
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
