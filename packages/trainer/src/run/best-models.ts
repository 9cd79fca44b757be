import { join } from 'node:path';
import { FileFormatError, type Model, ModuleBuffer } from '@polymodal/core';
import { readSavedModel, removeModel, saveModel } from '@polymodal/core/node';
import { MeanOfWeights } from './mean-of-weights';

/** A model that was kept of an epoch. */
export interface KeptModel {
  readonly epoch: number;
  /** Of the model in its folder; left out where it is a copy in memory. */
  readonly sha256?: string | undefined;
}

/** The models of the best epochs so far: in folders within that of the run, or as copies in memory where there is none. */
export class BestModels {
  readonly #model: Model;
  readonly #folder: string | undefined;
  readonly #copies = new Map<number, ReadonlyMap<string, Float32Array>>();

  /** @param folder of the run's best models */
  constructor(model: Model, folder: string | undefined) {
    this.#model = model;
    this.#folder = folder;
  }

  /** Keeps what the model is now. @throws StorageError, NonFiniteError */
  async keep(epoch: number): Promise<KeptModel> {
    if (this.#folder !== undefined) {
      const folder = folderOf(this.#folder, epoch);
      await saveModel(this.#model, folder);
      return { epoch, sha256: await readSavedModel(folder, async ({ sha256 }) => sha256) };
    }
    const copies = new Map<string, Float32Array>();
    for (const [path, parameter] of this.#model.parameters()) copies.set(path, (await parameter.viewValues()).slice());
    this.#copies.set(epoch, copies);
    return { epoch };
  }

  /** Takes away those of epochs that are among the best no longer. @throws StorageError */
  async remove(kept: readonly KeptModel[]): Promise<void> {
    for (const { epoch } of kept) this.#copies.delete(epoch);
    if (this.#folder !== undefined) await removeKept(this.#folder, kept);
  }

  /**
   * Makes sure that what was kept in folders is there.
   *
   * @throws FileFormatError, StorageError for a folder that is not as it was left
   */
  async require(kept: readonly KeptModel[]): Promise<void> {
    if (this.#folder === undefined) return;
    for (const own of kept) await this.#open(this.#folder, own, async () => {});
  }

  /**
   * Gives the model what was kept: the first, or the mean of all. Buffers, which no training changes by gradients, are those of the first.
   *
   * @throws FileFormatError, StorageError for a folder that is not as it was left
   */
  async take([first, ...others]: readonly KeptModel[]): Promise<void> {
    const parameters = this.#model.parameters();
    if (others.length === 0) {
      await this.#read(first, (path, values) => parameters.get(path)?.adoptValues(values));
      return;
    }
    const mean = new MeanOfWeights(1 + others.length);
    for (const kept of [first, ...others]) {
      await this.#read(kept, (path, values) => {
        const own = parameters.get(path);
        if (!(own instanceof ModuleBuffer)) mean.add(path, values);
        else if (kept === first) own.adoptValues(values);
      });
    }
    for (const [path, values] of mean.values) parameters.get(path)?.adoptValues(values);
  }

  async #read(kept: KeptModel, take: (path: string, values: Float32Array) => void): Promise<void> {
    if (this.#folder === undefined) {
      for (const [path, values] of this.#copies.get(kept.epoch) ?? []) take(path, values.slice());
      return;
    }
    await this.#open(this.#folder, kept, (saved) => saved.readWeights((path, { data }) => take(path, data)));
  }

  async #open(
    best: string,
    { epoch, sha256 }: KeptModel,
    read: Parameters<typeof readSavedModel<void>>[1],
  ): Promise<void> {
    const folder = folderOf(best, epoch);
    try {
      await readSavedModel<void>(folder, (saved) => {
        if (saved.sha256 !== sha256) throw otherModel(folder);
        return read(saved);
      });
    } catch (cause) {
      if (!(cause instanceof FileFormatError)) throw cause;
      const { expected, received } = cause;
      const hint = `Put the model of epoch ${epoch} back from a copy, or give resume: false to train again.`;
      throw new FileFormatError({ where: folder, expected, received, hint, cause });
    }
  }
}

/** Takes models away that a run kept; others at their place stay. @throws StorageError */
export async function removeKept(folder: string, kept: readonly KeptModel[]): Promise<void> {
  for (const { epoch, sha256 } of kept) {
    if (sha256 !== undefined) await removeModel(folderOf(folder, epoch), sha256);
  }
}

function folderOf(folder: string, epoch: number): string {
  return join(folder, `epoch-${epoch}`);
}

function otherModel(where: string): FileFormatError {
  const [expected, received] = ['the model that the run kept of this epoch', 'another one'];
  return new FileFormatError({ where, expected, received });
}
