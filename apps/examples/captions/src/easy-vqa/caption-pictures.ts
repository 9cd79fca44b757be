import type { Sample } from '@polymodal/core';
import type { PictureQuestion } from '@polymodal/example-easy-vqa';

const shapes = ['circle', 'rectangle', 'triangle'];
const colours = ['red', 'green', 'blue', 'black', 'gray', 'teal', 'brown', 'yellow'];

/** What asks for a caption of a picture. */
const prompt = 'describe the picture';

/** The pictures of a split, with what is to be written about each: its questions, and a caption where they tell what is in it. */
export function captionPictures(questions: readonly PictureQuestion[]): {
  readonly captions: readonly Sample[];
  readonly answers: readonly Sample[];
} {
  const byPicture = new Map<PictureQuestion['image'], PictureQuestion[]>();
  for (const own of questions) byPicture.set(own.image, [...(byPicture.get(own.image) ?? []), own]);
  const captions = [...byPicture].flatMap(([image, own]) => {
    const answer = captionFrom(own);
    return answer === undefined ? [] : [{ image, text: prompt, targets: { answer } }];
  });
  const answers = questions.map(({ image, question, answer }) => ({ image, text: question, targets: { answer } }));
  return { captions, answers };
}

/** "a red circle", of what questions that are not answered by yes or no say and answer; undefined where they leave out one of the two. */
export function captionFrom(questions: readonly Pick<PictureQuestion, 'question' | 'answer'>[]): string | undefined {
  const open = questions.filter(({ answer }) => answer !== 'yes' && answer !== 'no');
  const words = new Set(open.flatMap(({ question, answer }) => [...question.split(/\W+/), answer]));
  const [colour, shape] = [colours, shapes].map((names) => names.find((name) => words.has(name)));
  return colour === undefined || shape === undefined ? undefined : `a ${colour} ${shape}`;
}
