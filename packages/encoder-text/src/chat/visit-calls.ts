import { isRecord } from '@polymodal/core';

/** A call in a template, of a function or a method. */
export interface TemplateCall {
  callee: Readonly<Record<string, unknown>>;
  readonly args: unknown[];
}

/** Goes through the calls of a parsed template, from within. */
export function visitCalls(node: unknown, change: (call: TemplateCall) => void): void {
  if (typeof node !== 'object' || node === null) return;
  for (const own of node instanceof Map ? [...node].flat() : Object.values(node)) visitCalls(own, change);
  const { type, callee, args } = node as { type?: unknown; callee?: unknown; args?: unknown };
  if (type === 'CallExpression' && Array.isArray(args) && isRecord(callee)) change(node as TemplateCall);
}
