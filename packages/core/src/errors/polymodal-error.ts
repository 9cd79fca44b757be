const marker = Symbol.for('polymodal.error');

/** What every error of Polymodal says, beside its message. */
export interface PolymodalErrorDetails {
  /** Where in the user's input the fault lies, e.g. `encoders.image.use` or `sample 3, audio`. */
  readonly where?: string;
  /** What would have been right. */
  readonly expected: string;
  /** What came instead. */
  readonly received: string;
  /** What to do next. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * Base of all errors that Polymodal throws on purpose.
 *
 * Recognise an error with `isInstance` of its class, `SampleError.isInstance(error)` say, or of this one for any. It goes by codes
 * under a registered symbol rather than by the class, so that it holds for an error from a second copy of a package too.
 *
 * ```ts
 * try {
 *   await model.predict([{ photo: 'lost.jpg' }]);
 * } catch (error) {
 *   if (!PolymodalError.isInstance(error)) throw error;
 *   console.error(error.code, error.where, error.expected, error.received, error.hint); // or all of it: error.message
 * }
 * ```
 */
export abstract class PolymodalError extends Error {
  /** Stable, machine-readable kind of the errors of a class, e.g. `'CONFIG'`. No two classes share one. */
  static readonly code: string = 'POLYMODAL';
  readonly where: string | undefined;
  readonly expected: string;
  readonly received: string;
  readonly hint: string | undefined;

  constructor(details: PolymodalErrorDetails) {
    const { where, expected, received, hint, cause } = details;
    super(describe(details), cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.where = where;
    this.expected = expected;
    this.received = received;
    this.hint = hint;
    Object.defineProperty(this, marker, { value: codesOf(new.target) });
  }

  /** The kind of error, e.g. `'CONFIG'`. */
  get code(): string {
    return (this.constructor as typeof PolymodalError).code;
  }

  /** Its codes: that of its class, and those of the classes above. */
  get codes(): readonly string[] {
    return codesOf(this.constructor as typeof PolymodalError);
  }

  /** The same error, said of another place. */
  at(where: string): this {
    const { expected, received, hint, cause = this } = this;
    const Same = this.constructor as new (details: PolymodalErrorDetails) => this;
    return new Same({ where, expected, received, ...(hint !== undefined && { hint }), cause });
  }

  /** Whether a caught value is an error of this class or of one below it, whichever copy of the package threw it. */
  static isInstance<Own extends PolymodalError>(this: ErrorClass<Own>, value: unknown): value is Own {
    if (typeof value !== 'object' || value === null) return false;
    const codes = codesIn(value);
    // biome-ignore lint/complexity/noThisInStatic: the class that is asked, not this base
    return Array.isArray(codes) && codes.includes(this.code);
  }
}

/** What stands under the mark; nothing for what throws when it is looked at, as a revoked proxy does. */
function codesIn(value: object): unknown {
  try {
    return (value as { readonly [marker]?: unknown })[marker];
  } catch {
    return undefined;
  }
}

type ErrorClass<Own> = (abstract new (...args: never[]) => Own) & { readonly code: string };

/** The codes of a class and of those above it. */
function codesOf(errorClass: typeof PolymodalError): readonly string[] {
  const own = [errorClass.code];
  if (errorClass === PolymodalError) return own;
  return [...own, ...codesOf(Object.getPrototypeOf(errorClass) as typeof PolymodalError)];
}

/** Letters of one part of a message: what came may be a book, or a file of a megabyte. */
const longestPart = 500;
/** A hint is our own words, and may tell of several faults. */
const longestHint = 3000;

function describe({ where, expected, received, hint }: PolymodalErrorDetails): string {
  const place = where ? `${cut(where)}: ` : '';
  return `${place}expected ${cut(expected)}, received ${cut(received)}.${hint ? ` ${cut(hint, longestHint)}` : ''}`;
}

function cut(part: string, longest = longestPart): string {
  return part.length > longest ? `${part.slice(0, longest)}…` : part;
}
