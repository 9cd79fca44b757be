import type { PolymodalError, PolymodalErrorDetails } from './polymodal-error';

/** Other faults that are told in full. */
const mostTold = 8;

/** One error for several faults that do not depend on one another: the first, which says of the others where they are and what they are. */
export function together(faults: readonly PolymodalError[]): PolymodalError {
  const [first, ...others] = faults.filter(
    ({ message }, index) => faults.findIndex((own) => own.message === message) === index,
  );
  if (others.length === 0) return first;
  const told = others.slice(0, mostTold).map(({ message }) => `\n  ${message}`);
  const more = others.length > mostTold ? `\n  … and ${others.length - mostTold} more` : '';
  const { where, expected, received, hint } = first;
  const also = `${others.length} more ${others.length === 1 ? 'fault' : 'faults'}:${told.join('')}${more}`;
  const Same = first.constructor as new (details: PolymodalErrorDetails) => PolymodalError;
  return new Same({
    ...(where !== undefined && { where }),
    expected,
    received,
    hint: [hint, also].filter(Boolean).join(' '),
    cause: new AggregateError([first, ...others], 'several faults'),
  });
}
