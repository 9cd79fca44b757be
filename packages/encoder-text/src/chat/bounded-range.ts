import type { Template } from '@huggingface/jinja';
import { visitCalls } from './visit-calls';

/** As long as in the sandbox in which Python renders chat templates (jinja2's `MAX_RANGE`): they come from whoever made a model. */
const longest = 100_000;

const ours = 'polymodal_range';

/** Has a template's `range` refuse what would take all memory. */
export function withBoundedRange({ parsed }: Template): void {
  visitCalls(parsed, (call) => {
    if (call.callee.type === 'Identifier' && call.callee.value === 'range')
      call.callee = { ...call.callee, value: ours };
  });
}

/** What such calls become calls of. */
export const boundedRange = {
  [ours]: (...given: readonly unknown[]) => {
    const numbers = given.filter((value) => typeof value === 'number');
    const [start, stop, step = 1] = numbers.length === 1 ? [0, numbers[0]] : numbers;
    const length = Math.max(0, Math.ceil((stop - start) / step));
    if (length <= longest) return Array.from({ length }, (_, index) => start + index * step);
    throw new Error(`range: expected at most ${longest} numbers, received ${length}`);
  },
};
