import { type Control, type Outcome, symbols } from './control';

/** How often the sure and the unsure source of `conflicting` say the class. */
const reliability = { a: 0.9, extra: 0.6 } as const;

const bits = [0, 1];
const classes = Array.from({ length: symbols }, (_, index) => index);

/**
 * Controls with known answers: kinds of information in the sense of partial information decomposition (Williams and Beer 2010),
 * as synthetic data for fusions have them (Liang et al. 2023), and an extra modality that does not help.
 */
export const controls: readonly Control[] = [
  {
    // Synergy: neither says anything alone.
    name: 'xor',
    modalities: ['a', 'b'],
    outcomes: equally(bits.flatMap((a) => bits.map((b) => ({ says: { a, b }, answer: a ^ b })))),
  },
  {
    // Redundancy: each says all.
    name: 'copy',
    modalities: ['a', 'b'],
    outcomes: equally(classes.map((answer) => ({ says: { a: answer, b: answer }, answer }))),
  },
  {
    // Unique information: each says half of it.
    name: 'unique',
    modalities: ['a', 'b'],
    outcomes: equally(bits.flatMap((a) => bits.map((b) => ({ says: { a, b }, answer: 2 * a + b })))),
  },
  {
    // As `unique`, beside a modality that says anything, whatever the class is.
    name: 'irrelevant',
    modalities: ['a', 'b', 'extra'],
    outcomes: equally(
      bits.flatMap((a) => bits.flatMap((b) => classes.map((extra) => ({ says: { a, b, extra }, answer: 2 * a + b })))),
    ),
  },
  {
    // A sure source, and an extra one that often contradicts it: the best answer follows the sure one.
    name: 'conflicting',
    modalities: ['a', 'extra'],
    outcomes: classes.flatMap((answer) =>
      classes.flatMap((a) =>
        classes.map((extra) => ({
          probability: (saying(a, answer, reliability.a) * saying(extra, answer, reliability.extra)) / symbols,
          says: { a, extra },
          answer,
        })),
      ),
    ),
  },
];

function equally(outcomes: readonly Omit<Outcome, 'probability'>[]): Outcome[] {
  return outcomes.map((outcome) => ({ ...outcome, probability: 1 / outcomes.length }));
}

/** How likely a source says a symbol that is right so often, and else any other one. */
function saying(symbol: number, answer: number, right: number): number {
  return symbol === answer ? right : (1 - right) / (symbols - 1);
}
