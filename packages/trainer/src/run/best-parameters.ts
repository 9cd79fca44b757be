import { FileFormatError, type Model } from '@polymodal/core';
import { readSavedModel, saveModel } from '@polymodal/core/node';

/** The parameters of the best epoch so far: a model in the folder of the run, or copies in memory where there is no folder. */
export class BestParameters {
  readonly #model: Model;
  readonly #folder: string | undefined;
  #copies: ReadonlyMap<string, Float32Array> = new Map();

  constructor(model: Model, folder: string | undefined) {
    this.#model = model;
    this.#folder = folder;
  }

  /** Keeps those that the model has now. @throws StorageError, NonFiniteError */
  async keep(): Promise<void> {
    if (this.#folder !== undefined) return saveModel(this.#model, this.#folder);
    const copies = new Map<string, Float32Array>();
    for (const [path, parameter] of this.#model.parameters()) copies.set(path, (await parameter.viewValues()).slice());
    this.#copies = copies;
  }

  /** Gives the model those that were kept. @throws FileFormatError, StorageError for a folder that is not as it was left */
  async take(): Promise<void> {
    const parameters = this.#model.parameters();
    if (this.#folder === undefined) {
      for (const [path, values] of this.#copies) parameters.get(path)!.adoptValues(values);
      return;
    }
    try {
      await readSavedModel(this.#folder, ({ readWeights }) =>
        readWeights((path, { data }) => parameters.get(path)?.adoptValues(data)),
      );
    } catch (cause) {
      if (!(cause instanceof FileFormatError)) throw cause;
      const { expected, received } = cause;
      const hint = 'Put the best epoch back from a copy, or give resume: false to train again.';
      throw new FileFormatError({ where: this.#folder, expected, received, hint, cause });
    }
  }
}
