/** The longest text of others that an error repeats. */
const longest = 300;

/**
 * What comes from elsewhere, as an error may show it: cut, without the token, and without the user name and password of an address.
 *
 * @param token what must not be seen; undefined if there is none
 */
export function withoutSecrets(text: string, token?: string): string {
  const hidden = token ? text.replaceAll(token, '…') : text;
  const plain = hidden.replaceAll(/\/\/[^/@\s]*@/g, '//…@');
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain;
}
