import { RandomKey, type Sample } from '@polymodal/core';
import { readMissingTable } from '@polymodal/data';
import { sortOfClevr } from '@polymodal/example-scenes/scene/edition';
import { answersOf, ask, type Question } from '@polymodal/example-scenes/scene/question';
import { drawScene, type Scene } from '@polymodal/example-scenes/scene/scene';
import { tablePath } from '../missing/stored-tables';
import type { Task } from './task';

const { colours, shapes, size, questions } = sortOfClevr;
const kinds = [...questions.nonRelational, ...questions.relational];
const questionsPerScene = 8;
const sizes = { validation: 512, test: 1000 };
const layers = { numHiddenLayers: 2, numAttentionHeads: 4, hiddenDropout: 0 };

/**
 * Sort-of-CLEVR (Santoro et al. 2017) from descriptions of its scenes: six objects, each its colour, shape and place, instead of
 * pixels; and questions in the paper's 11 bits. What there is to learn is how question and scene join, and not how to see, which
 * would take hours for so many trainings.
 */
export async function sortOfClevrTask(train: number): Promise<Task> {
  const { slots, missing } = await readMissingTable(tablePath('sort-of-clevr'));
  const test = draw('test', sizes.test);
  return {
    name: 'sort-of-clevr',
    encoders: {
      scene: { use: 'rows', columns: colours.length + shapes.length + 2, ...layers },
      question: { use: 'rows', columns: colours.length + 5, ...layers },
    },
    condition: 'question',
    labels: answersOf(sortOfClevr),
    train: draw('train', train).map(toSample),
    validation: draw('validation', sizes.validation).map(toSample),
    test: test.map(toSample),
    noise: { scene: 'rows', question: 'rows' },
    missing: missing.map((place) => slots[place] ?? null),
    kinds: test.map(({ question: { kind } }) =>
      questions.relational.includes(kind) ? 'relational' : 'non-relational',
    ),
  };
}

interface Asked {
  readonly scene: Scene;
  readonly question: Question;
}

function draw(split: string, samples: number): Asked[] {
  const key = RandomKey.from(0).fold(split);
  return Array.from({ length: samples }, (_, index) => {
    const own = key.fold(Math.floor(index / questionsPerScene));
    const scene = drawScene(sortOfClevr, own.fold('scene'));
    return { scene, question: ask(scene, kinds, sortOfClevr, own.fold('question').fold(index % questionsPerScene)) };
  });
}

function toSample({ scene, question }: Asked): Sample {
  return { scene: describeScene(scene), question: [codeOf(question)], targets: { answer: question.answer } };
}

/** A row for each object: its colour and shape, one of each being 1, and its place, 0 to 1 each way. */
function describeScene({ objects }: Scene): number[][] {
  return objects.map(({ colour, shape, x, y }) => [
    ...oneOf(colours, colour),
    ...oneOf(shapes, shape),
    x / size,
    y / size,
  ]);
}

/** 11 bits: the colour that is asked about, whether about this object or its relations, and which of three questions. */
function codeOf({ subject, kind }: Question): number[] {
  const group = questions.relational.includes(kind) ? questions.relational : questions.nonRelational;
  return [
    ...oneOf(colours, subject.colour),
    ...oneOf([questions.nonRelational, questions.relational], group),
    ...oneOf(group, kind),
  ];
}

function oneOf<Value>(all: readonly Value[], chosen: Value): number[] {
  return all.map((value) => (value === chosen ? 1 : 0));
}
