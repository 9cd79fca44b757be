/** Names with a meaning of their own in samples and models. */
const taken: readonly string[] = ['targets', 'meta', 'fused'];

/** A column's name as that of a part of a model may be: ASCII letters, digits and `_`, behind a letter. */
export function partName(column: string): string {
  const plain = column.replaceAll('ß', 'ss').normalize('NFKD').replaceAll(/\p{M}/gu, '');
  const name = plain.replaceAll(/[^A-Za-z0-9_]+/g, '_').replaceAll(/^_+|_+$/g, '');
  const isFree = /^[A-Za-z]/.test(name) && !taken.includes(name) && !(name in Object.prototype);
  return isFree ? name : `column_${name}`.replace(/_$/, '');
}
