/** Shapes of the tensors that a program takes and gives, as texts such as `float32[2,3]`. */
export interface ProgramShapes {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Most differences that are listed. */
const maxListed = 4;

/** Says in which inputs and outputs two programs differ, each on a line of its own. */
export function shapeDifference(before: ProgramShapes, now: ProgramShapes): string {
  const lines = [
    ...sideDifference('input', before.inputs, now.inputs),
    ...sideDifference('output', before.outputs, now.outputs),
  ];
  if (lines.length === 0) {
    return (
      `  none: both take ${listOf(now.inputs)} and give ${listOf(now.outputs)}, so an operation differs, or a number ` +
      'built into one, such as an axis, a size or a padding'
    );
  }
  const listed = lines.slice(0, maxListed).map((line) => `  ${line}`);
  if (lines.length > maxListed) listed.push(`  and ${lines.length - maxListed} more`);
  return listed.join('\n');
}

function sideDifference(side: string, before: readonly string[], now: readonly string[]): string[] {
  if (before.length === now.length) {
    return now.flatMap((shape, i) =>
      shape === before[i] ? [] : [`${side} ${i + 1} of ${now.length}: ${before[i]}, then ${shape}`],
    );
  }
  return [
    `${before.length} ${side}s, then ${now.length}: first ${listOf(without(before, now))}, then ${listOf(without(now, before))}`,
  ];
}

/** The texts of a list for which the other has no equal. */
function without(list: readonly string[], other: readonly string[]): string[] {
  const left = [...other];
  return list.filter((text) => {
    const found = left.indexOf(text);
    if (found >= 0) left.splice(found, 1);
    return found < 0;
  });
}

function listOf(texts: readonly string[]): string {
  if (texts.length === 0) return 'nothing else';
  return texts.slice(0, maxListed).join(', ') + (texts.length > maxListed ? ` … (${texts.length})` : '');
}
