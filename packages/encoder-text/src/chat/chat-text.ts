/** A stretch of what a chat template wrote. */
export class ChatText {
  constructor(
    readonly text: string,
    /** Whether it is of an answer, which is to be learned. */
    readonly isAnswer: boolean,
  ) {}
}
