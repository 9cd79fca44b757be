import type { Template } from '@huggingface/jinja';
import { isRecord } from '@polymodal/core';
import { visitCalls } from './visit-calls';

/**
 * Has a template strip the characters that it names, `content.lstrip('\n')`, as Python does: `@huggingface/jinja` 0.5.11 takes no notice of
 * them, and strips white space of all kinds.
 */
export function withPythonStrip({ parsed }: Template): void {
  visitCalls(parsed, (call) => {
    const { callee, args } = call;
    if (callee.type !== 'MemberExpression' || callee.computed || !isRecord(callee.property) || args.length !== 1)
      return;
    const method = String(callee.property.value);
    if (!Object.hasOwn(pythonStrip, ours(method))) return;
    args.unshift(callee.object);
    call.callee = { ...callee.property, value: ours(method) };
  });
}

/** What such calls become calls of, by their names. */
export const pythonStrip = Object.fromEntries(
  ['strip', 'lstrip', 'rstrip'].map((method) => [
    ours(method),
    (text: unknown, characters: unknown) => {
      if (typeof text !== 'string' || typeof characters !== 'string') throw new Error(`${method} of what is no text`);
      const start = method === 'rstrip' ? 0 : [...text].findIndex((own) => !characters.includes(own));
      if (start < 0) return '';
      const kept = [...text].slice(start);
      return (
        method === 'lstrip' ? kept : kept.slice(0, kept.findLastIndex((own) => !characters.includes(own)) + 1)
      ).join('');
    },
  ]),
);

function ours(method: string): string {
  return `polymodal_${method}`;
}
