import { SampleError } from '@polymodal/core';
import type { SaidTurn } from './said-turn';

/**
 * Turns of the user and the assistant in turn, the user first; a system's before them if at all.
 *
 * @param names how rows call the roles
 * @throws SampleError for others
 */
export function requireOrder(
  turns: readonly SaidTurn[],
  column: string,
  names: Readonly<Record<SaidTurn['role'], string>>,
): void {
  const spoken = turns[0].role === 'system' ? turns.slice(1) : turns;
  const odd = spoken.find(({ role }, index) => role !== (index % 2 === 0 ? 'user' : 'assistant'));
  if (!odd && spoken.length > 0) return;
  const { system, user, assistant } = names;
  throw new SampleError({
    where: odd?.where ?? `"${column}"`,
    expected: `"${user}" and "${assistant}" in turn, "${user}" first, and "${system}" before them if at all`,
    received: odd ? `a turn of "${names[odd.role]}"` : `"${system}" alone`,
  });
}
