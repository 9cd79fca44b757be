import * as tf from '@tensorflow/tfjs-core';
import { CaptureError } from '../errors';

/** Sees to it that a function leaves the program's variables alone. To be used within one `tf.tidy`. */
export class VariableGuard {
  readonly #before = Object.values(tf.engine().registeredVariables).map((variable) => ({
    variable,
    dataId: variable.dataId,
    copy: variable.clone(),
  }));

  /**
   * Puts back what has been assigned since, and frees what has been made unless that is allowed.
   *
   * @throws CaptureError if there was any of it
   */
  check({ mayMake }: { readonly mayMake: boolean }): void {
    const known = new Set(this.#before.map(({ variable }) => variable));
    const all = Object.values(tf.engine().registeredVariables);
    const made = mayMake ? [] : all.filter((variable) => !known.has(variable));
    const assigned = this.#before.filter(({ variable, dataId }) => variable.dataId !== dataId);
    for (const variable of made) variable.dispose();
    for (const { variable, copy } of assigned) variable.assign(copy);
    if (made.length + assigned.length === 0) return;
    throw new CaptureError('The function writes variables.', {
      expected: 'a function that leaves all variables as they are',
      received: [
        ...assigned.map(({ variable }) => `an assignment to ${variable.name}`),
        ...made.map(({ name }) => `the new variable ${name}`),
      ].join(', '),
      hint: 'Export and compile the forward pass only; make variables before.',
    });
  }
}
