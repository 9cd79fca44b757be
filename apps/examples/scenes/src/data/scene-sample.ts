import type { Evidence } from '../evidence/evidence-target';
import type { Picture } from '../scene/draw-picture';
import type { Colour } from '../scene/edition';
import type { QuestionKind } from '../scene/question';
import type { Scene } from '../scene/scene';

/** Speech of one voice. */
export interface Recording {
  /** Mono, in [−1, 1]. */
  readonly samples: Float32Array;
  readonly sampleRate: number;
}

/** A picture and a question about it. */
export interface SceneSample {
  /** The same object for all questions about a scene. */
  readonly image: Picture;
  /** The question in writing. */
  readonly text: string;
  /** The same question in English, spoken; where speech was asked for. */
  readonly audio?: Recording;
  readonly targets: { readonly answer: string; readonly evidence: Evidence; readonly scene: Scene };
  readonly source: {
    /** Position of the scene in its split. */
    readonly scene: number;
    readonly kind: QuestionKind;
    /** What the question names. */
    readonly subject: Colour;
    readonly other?: Colour;
    /** Of the text, a BCP 47 tag. */
    readonly language: string;
    readonly voice?: string;
  };
}
