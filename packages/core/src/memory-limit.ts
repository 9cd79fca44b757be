/** Those parts of Node's `process` that tell of memory; a browser has none of them. */
interface ProcessWithMemory {
  constrainedMemory?(): number;
  getBuiltinModule?(name: 'node:os'): { totalmem(): number } | undefined;
}

/** Bytes that the process may ever have: of its container, or of the machine. Infinity where nobody says. */
export function memoryLimit(): number {
  const process = (globalThis as { process?: ProcessWithMemory }).process;
  const total = process?.getBuiltinModule?.('node:os')?.totalmem() ?? Number.POSITIVE_INFINITY;
  const constrained = process?.constrainedMemory?.() ?? 0;
  return constrained > 0 ? Math.min(constrained, total) : total;
}
