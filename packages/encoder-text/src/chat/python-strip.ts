import type { Template } from '@huggingface/jinja';
import { isRecord } from '@polymodal/core';

/**
 * Has a template strip the characters that it names, `content.lstrip('\n')`, as Python does: `@huggingface/jinja` 0.5.11 takes no notice of
 * them, and strips white space of all kinds.
 */
export function withPythonStrip({ parsed }: Template): void {
  visit(parsed);
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

/** `object.strip(characters)` → `polymodal_strip(object, characters)` */
function visit(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  for (const own of node instanceof Map ? [...node].flat() : Object.values(node)) visit(own);
  const call = node as { type?: unknown; callee?: unknown; args?: unknown };
  if (call.type !== 'CallExpression' || !Array.isArray(call.args) || call.args.length !== 1) return;
  const { callee } = call;
  if (!isRecord(callee) || callee.type !== 'MemberExpression' || callee.computed || !isRecord(callee.property)) return;
  const method = String(callee.property.value);
  if (!Object.hasOwn(pythonStrip, ours(method))) return;
  call.args.unshift(callee.object);
  call.callee = { ...callee.property, value: ours(method) };
}
