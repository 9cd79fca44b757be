import { describeValue } from './describe-value';

/** What somebody else's code threw, as it may stand in an error message: an error, or whatever else. */
export function describeThrown(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error)) return describeValue(thrown);
    const { name, message } = thrown;
    return message === '' ? name : `${name}: ${message.length > 300 ? `${message.slice(0, 297)}…` : message}`;
  } catch {
    return 'an error that cannot be read'; // its message is a getter that throws
  }
}
