/**
 * Functions of Node's `util` that `@tensorflow/tfjs-node` 4.22.0 calls (all its other uses are of `promisify`) and
 * that Node 23 removed.
 */
const legacyUtilFunctions = {
  isArray: Array.isArray,
  isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
};

/**
 * Puts back those functions of Node's `util` that tfjs-node calls and this Node no longer has; leaves alone what is
 * there. They are not enumerable, so that nothing else comes across them.
 *
 * @param util the module to mend; Node's own if left out
 */
export function restoreLegacyUtilFunctions(util: object | undefined = nodeUtil()): void {
  if (util === undefined) return;
  for (const [name, value] of Object.entries(legacyUtilFunctions)) {
    if (name in util) continue;
    Object.defineProperty(util, name, { value, configurable: true, writable: true });
  }
}

/** This module is loaded in browsers too, where there is none. */
function nodeUtil(): object | undefined {
  return (globalThis.process as NodeJS.Process | undefined)?.getBuiltinModule('node:util');
}
