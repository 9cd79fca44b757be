import { inColumns } from '@polymodal/example-material';
import { kinds } from './make-dialogues';
import type { RightByKind } from './right-answers';

/** What a model answers, and what it makes of words alone: the mean cross-entropy of a token, in nats. */
interface Known {
  readonly right: RightByKind;
  readonly losses: Readonly<Record<string, number>>;
}

/** The content of results.json. */
export interface Results {
  /** Dialogues that were learned from, by stage. */
  readonly stages: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly before: Known;
  readonly after: Known;
  /** Of the same questions, each about another picture. */
  readonly otherPicture: RightByKind;
}

/** Whether a results.json, parsed, is one of this example. */
export function isResults(content: Readonly<Record<string, unknown>>): boolean {
  return typeof content.stages === 'object' && typeof content.otherPicture === 'object';
}

/** Tables for the terminal: of questions about pictures by kind, and of words alone. */
export function resultsTable({ before, after, otherPicture, seconds }: Results): string {
  const share = ({ right, asked }: RightByKind[(typeof kinds)[number]]) => `${((100 * right) / asked).toFixed(1)} %`;
  const answers = kinds
    .filter((kind) => after.right[kind].asked > 0)
    .map((kind) => [
      kind,
      share(before.right[kind]),
      share(after.right[kind]),
      share(otherPicture[kind]),
      String(after.right[kind].asked),
    ]);
  const losses = Object.entries(after.losses).map(([name, loss]) => [
    name,
    before.losses[name].toFixed(3),
    loss.toFixed(3),
  ]);
  return [
    inColumns([['right to the letter', 'before', 'after', 'other picture', 'of'], ...answers]),
    inColumns([['loss of a token, words alone', 'before', 'after'], ...losses]),
    `${(seconds / 60).toFixed(1)} minutes of training`,
  ].join('\n\n');
}
