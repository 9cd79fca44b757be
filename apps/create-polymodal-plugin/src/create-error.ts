/** A request that cannot be met, or must not be: a name, a folder. The message says what was expected, what came, and what to do. */
export class CreateError extends Error {
  constructor(details: { expected: string; received: string; hint?: string; cause?: unknown }) {
    const { expected, received, hint, cause } = details;
    super(`Expected ${expected}, received ${received}.${hint ? ` ${hint}` : ''}`, { cause });
    this.name = 'CreateError';
  }
}
