import type { Colour, Edition } from './edition';
import type { Question, QuestionKind } from './question';

/** Every question that may be asked of scenes of an edition, without an answer. */
export function allQuestions({ colours, questions }: Edition): Question[] {
  return [...questions.nonRelational, ...questions.relational].flatMap((kind) =>
    colours.flatMap((subject) =>
      kind === 'left-of'
        ? colours.filter((other) => other !== subject).map((other) => about(kind, subject, other))
        : about(kind, subject),
    ),
  );
}

function about(kind: QuestionKind, subject: Colour, other?: Colour): Question {
  return { kind, subject: named(subject), ...(other && { other: named(other) }), answer: '', others: [] };
}

function named(colour: Colour): Question['subject'] {
  return { colour, shape: 'circle', x: 0, y: 0, radius: 1 };
}
