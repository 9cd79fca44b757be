import { mutantsOf } from '../mutant';

/** Faults of training: optimiser, schedule, sampling, checkpoints, figures. */
export const trainingFaults = [
  ...mutantsOf(
    'packages/trainer/src/optimizers/adamw.ts',
    ['packages/trainer/src/optimizers/adamw', 'packages/trainer/src/train-resume'],
    {
      'AdamW: the decay is coupled to the gradient’s scale': [
        '1 - learningRate * bundle.weightDecay',
        '1 - bundle.weightDecay',
      ],
      'AdamW: no correction of the first moment': ['/ (1 - beta1 ** bundle.steps)', '/ 1'],
      'AdamW: moments are not restored': [
        '        bundle.replaceMoments({ first, second });\n        for',
        '        for',
      ],
      'AdamW: the number of steps is not restored': ['bundle.steps = steps;', 'bundle.steps = Math.min(steps, 1);'],
    },
  ),
  ...mutantsOf(
    'packages/trainer/src/optimizers/parameter-groups.ts',
    ['packages/trainer/src/optimizers/parameter-groups'],
    {
      'AdamW: biases and norms decay too': ['parameter.shape.length > 1 ? own.weightDecay : 0', 'own.weightDecay'],
      'training: that parts have no parameters to freeze is not told': [
        'if (fault) throw',
        "if (fault && name !== 'freeze') throw",
      ],
      'AdamW: frozen parameters are updated': ['filter(([, parameter]) => parameter.trainable)', 'filter(() => true)'],
    },
  ),
  ...mutantsOf(
    'packages/trainer/src/optimizers/clip-gradient-norm.ts',
    ['packages/trainer/src/optimizers/clip-gradient-norm'],
    {
      'clipping: small gradients are enlarged': [
        'tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1)',
        'tf.div(maxNorm, tf.add(norm, 1e-6))',
      ],
      'clipping: each gradient by its own norm': [
        'gradients.map((gradient) => tf.mul(gradient, factor))',
        'gradients.map((gradient) => tf.mul(gradient, tf.minimum(tf.div(maxNorm, tf.norm(gradient)), 1)))',
      ],
    },
  ),
  ...mutantsOf(
    'packages/trainer/src/loss-gradients.ts',
    ['packages/trainer/src/accumulate', 'packages/trainer/src/loss-gradients', 'packages/trainer/src/train-stages'],
    {
      'accumulation: the mean of the batches’ means': ['= counts[head]?.[term] ?? own;', '= own;'],
      'losses: a head of weight 0 decays': ['filter((head) => lossWeights[head] !== 0)', 'filter(() => true)'],
      'losses: a batch without what trains is refused': ['asked, undefined, true)', 'asked, undefined, false)'],
      'losses: weights are not applied': ['((lossWeights[head] ?? 1) * weight)', 'weight'],
    },
  ),
  ...mutantsOf('packages/trainer/src/step-code.ts', ['packages/trainer/src/accumulate'], {
    'accumulation: the last batch alone': ['before[path] ? tf.add(before[path], own) : own', 'own'],
  }),
  ...mutantsOf('packages/trainer/src/modalities/modulation.ts', ['packages/trainer/src/modalities'], {
    'OGM-GE: modalities that are behind are held back': ['tf.greater(ratio, 1)', 'tf.less(ratio, 1)'],
    'OGM-GE: a modality is compared with itself': ['slots.filter((other) => other !== slot)', 'slots'],
    'OGM-GE: noise is as large as gradients, not as they vary': ['tf.sub(x, tf.mean(x))', 'x'],
  }),
  ...mutantsOf('packages/trainer/src/modalities/ridge-classifier.ts', ['packages/trainer/src/modalities'], {
    'probes: features are not brought to one scale': ['deviation > 0 ? deviation : 1', '1'],
  }),
  ...mutantsOf(
    'packages/trainer/src/data/feature-cache/feature-cache.ts',
    ['packages/trainer/src/data/feature-cache'],
    {
      'features: what was whole once is not looked at again': ['sum === place.crc32', 'place.crc32 !== undefined'],
    },
  ),
  ...mutantsOf('packages/trainer/src/estimate-memory.ts', ['packages/trainer/src/estimate-memory'], {
    'memory: errors call samples by their number among those that are tried': [
      'triedIndex(Number(index), lengths[name])',
      'index',
    ],
  }),
  ...mutantsOf('packages/trainer/src/data/active-slots.ts', ['packages/trainer/src/train-stages'], {
    'stages: encoders that do not take part learn': ['!absent.some((slot)', '!absent.slice(1).some((slot)'],
    'stages: what does not take part stays in samples': ['isTarget(part) || activate.includes(part)', 'activate'],
  }),
  ...mutantsOf('packages/trainer/src/data/packed-sampler.ts', ['packages/trainer/src/data/packed-sampler'], {
    'packing: a row has more pictures than its slot takes': ['Math.min(share, mostValues[slot] ?? share)', 'share'],
  }),
  ...mutantsOf('packages/trainer/src/evaluation/judged-losses.ts', ['packages/trainer/src/evaluation/evaluate'], {
    'evaluation: a loss is the mean of its batches, whatever they count': [
      '{ sum: before.sum + value, count: before.count + count }',
      '{ sum: before.sum + value / count, count: before.count + 1 }',
    ],
    'evaluation: what is hidden of the first samples is hidden of all': ['judgedKey.fold(first + start)', 'judgedKey'],
  }),
  ...mutantsOf('packages/heads/src/masked/masked-autoencoder-head.ts', ['packages/architectures/src/pretraining'], {
    'masked autoencoder: a mask of integers beside one of floats has each step read values': [
      "tf.cast<tf.Tensor2D>(counted, 'float32')",
      'counted',
    ],
  }),
  ...mutantsOf('packages/trainer/src/train-step.ts', ['packages/architectures/src/grad-cache'], {
    'GradCache: other values are dropped when a batch is computed again': [
      '{ ...ofStep, key: key.fold(index) }',
      '{ ...ofStep, key }',
    ],
    'GradCache: scale and bias of the loss itself do not learn': ["withPrefix('sum', made), byRows", '{}, byRows'],
  }),
  ...mutantsOf('packages/trainer/src/loss-gradients.ts', ['packages/architectures/src/grad-cache'], {
    'GradCache: known gradients are weighed once more': [
      '{ ...weightsNow(), ...onceFor(rowGradients) }',
      'weightsNow()',
    ],
  }),
  ...mutantsOf('packages/trainer/src/loss-gradients.ts', ['packages/trainer/src/train-replay'], {
    'replay: terms weigh in a replayed step what they did in the recorded one': [
      '= counts[head]?.[term] ?? own;',
      '= { ...own, count: counts[head]?.[term]?.count ?? own.count };',
    ],
  }),
  ...mutantsOf('packages/trainer/src/train-step.ts', ['packages/trainer/src/train-replay'], {
    'replay: what parts keep in properties does not count': [
      'pass.isReplayed ? this.#state.version(tellOfState) : 0;',
      '0;',
    ],
  }),
  ...mutantsOf('packages/trainer/src/step-code.ts', ['packages/trainer/src/train-replay'], {
    'replay: norms are of what the recorded batch counts': [
      'return this.#gradients({ parameters, lossWeights });',
      'return this.#gradients({ parameters, lossWeights, counts: undefined });',
    ],
  }),
  ...mutantsOf('packages/backend-onnx/src/replay/replay-plan.ts', ['packages/backend-onnx/src/replay/replay'], {
    'replay: a step is replayed after two recorded ones': ['firstRecordings = 3', 'firstRecordings = 2'],
    'replay: a step is held against a recorded one at every 256th alone': [
      'Math.min(this.#mostReplays, verifyEvery)',
      'verifyEvery',
    ],
    'replay: names of results are not compared': ['|| isDeepStrictEqual(known, this.#results)', '|| (true as boolean)'],
    'replay: variables that a step assigns are not compared': [
      'if (known && known.variable !== (variable ?? null)) {',
      'if (false as boolean) {',
    ],
  }),
  ...mutantsOf('packages/trainer/src/run/steps-ahead.ts', ['packages/trainer/src/run/steps-ahead'], {
    'stages: the last epoch of a stage is not cut': ['start < rest.length && left > 0', 'start < rest.length'],
    'stages: a batch that was prepared is taken twice': ['this.#ahead.shift()!', 'this.#ahead[0]!'],
  }),
  ...mutantsOf('packages/trainer/src/run/training-run.ts', ['packages/trainer/src/train-stages'], {
    'stages: moments are not kept at a boundary': [
      'if (keepMoments) this.#stage.optimizer.continueFrom(former.optimizer);',
      '',
    ],
    'stages: moments are always kept at a boundary': ['if (keepMoments) this', 'this'],
    'stages: a run goes on in the first stage': ['this.#stage = this.#begin(stage);', 'this.#stage = this.#begin(0);'],
    'stages: a run goes on one stage too late': [
      'this.#stage = this.#begin(stage);',
      'this.#stage = this.#begin(Math.min(stage + 1, this.#parts.stages.length - 1));',
    ],
    'stages: the schedule counts the steps of the run': ['learningRateAt(at - begin, full', 'learningRateAt(at, full'],
    'stages: the end of a stage is not saved': ['if (this.#isOver || isDue)', 'if (isDue)'],
  }),
  ...mutantsOf('packages/trainer/src/optimizers/parameter-groups.ts', ['packages/trainer/src/train-stages'], {
    'stages: what is frozen in a stage is updated': [' && !isAny(path, freeze)', ''],
    'stages: what is not of a stage is updated': ['isAny(path, train) && ', ''],
  }),
  ...mutantsOf(
    'packages/trainer/src/data/stage-batches.ts',
    ['packages/trainer/src/data/stage-batches', 'packages/trainer/src/train-stages'],
    {
      'sources: a source begins its epoch anew when a run goes on': [
        'let next = epoch * turns + batch;',
        'let next = epoch * turns;',
      ],
      'sources: every pass is in one order': ['sampler.epoch(pass)', 'sampler.epoch(0)'],
      'sources: an epoch with ratios is one round': ['this.#rounds * this.#perRound(name)', 'this.#perRound(name)'],
      'sources: turns begin anew when a run goes on': ['.slice(done)', '.slice(0)'],
      'sources: an epoch that was cut comes again': ['epoch: epoch + 1, batch: 0', 'epoch, batch: 0'],
      'sources: the same turns in every epoch': ['own.fold(name).fold(at[name].epoch)', 'own.fold(name)'],
    },
  ),
  ...mutantsOf('packages/trainer/src/schedules.ts', ['packages/trainer/src/schedules'], {
    'schedule: the first step of the warm-up is 0': ['return (step + 1) / warmupSteps', 'return step / warmupSteps'],
    'schedule: the cosine runs over two periods': ['Math.cos(Math.PI * part)', 'Math.cos(2 * Math.PI * part)'],
    'schedule: the cooldown begins at once': ['totalSteps - cooldownSteps)', '0)'],
  }),
  ...mutantsOf('packages/trainer/src/run/best-epoch.ts', ['packages/trainer/src/train-best'], {
    'best: the last of equal epochs': ['a.epoch - b.epoch', 'b.epoch - a.epoch'],
    'best: the highest error': ["order === 'highest' ? 1 : -1", '1'],
    'best: patience is a step too long': ['>= options.patience', '> options.patience'],
  }),
  ...mutantsOf('packages/trainer/src/run/best-search.ts', ['packages/trainer/src/train-best'], {
    'best: the last parameters stay': ['await models.take(', 'void ('],
    'best: models that are the best no longer stay': ['position.kept.filter(({ epoch }) => !best.has(epoch))', '[]'],
  }),
  ...mutantsOf('packages/trainer/src/run/best-models.ts', ['packages/trainer/src/train-best'], {
    'best: another model of the same shape is taken': ['saved.sha256 !== sha256', 'false'],
  }),
  ...mutantsOf(
    'packages/trainer/src/optimizers/weight-average.ts',
    ['packages/trainer/src/optimizers/weight-average'],
    {
      'ema: the first weights weigh for a thousand steps': ['if (updates === 0) return 0;', ''],
      'ema: no warm-up': ['return warmup ?', 'return false ?'],
    },
  ),
  ...mutantsOf('packages/trainer/src/run/training-run.ts', ['packages/trainer/src/train-ema'], {
    'ema: the next stage goes on from the last weights': ['former.average?.apply();', ''],
    'ema: the last weights are what training ends with': ['this.#stage.average?.apply();', ''],
  }),
  ...mutantsOf('packages/trainer/src/data/modality-dropout.ts', ['packages/trainer/src/data/modality-dropout'], {
    'modality dropout: the same in every epoch': ['key.fold(epoch).fold(index)', 'key.fold(index)'],
    'modality dropout: may leave nothing': ['if (kept.length === 0) kept.push(', 'if (false) kept.push('],
  }),
  ...mutantsOf('packages/trainer/src/data/combination-sampler.ts', ['packages/trainer/src/data/combination-sampler'], {
    'sampling: the same order in every epoch': ['this.#options.key.fold(epoch)', 'this.#options.key'],
    'sampling: samples of a group are parted': ['options.group?.(index) ?? String(index)', 'String(index)'],
    'sampling: batches of blocks that come together are mixed with others': [
      'a.turn - b.turn || a.lastTurn - b.lastTurn',
      '0',
    ],
    'sampling: the last, smaller batch is left out': [
      'Math.ceil(rows.length / set.rows)',
      'Math.floor(rows.length / set.rows)',
    ],
  }),
  ...mutantsOf('packages/trainer/src/data/sample-shape.ts', ['packages/trainer/src/data/combination-sampler'], {
    'sampling: rows that cannot be padded share a batch': ['[part, shape[part].fixed]', '[part]'],
  }),
  ...mutantsOf('packages/trainer/src/data/length-levels.ts', ['packages/trainer/src/data/length-levels'], {
    'sampling: a level holds what is longer': ['needed.every((length', 'needed.some((length'],
    'sampling: a level for every length': ['levels.length <= mostLevels && waste', 'waste'],
  }),
  ...mutantsOf(
    'packages/trainer/src/evaluation/wilson-interval.ts',
    ['packages/trainer/src/evaluation/wilson-interval'],
    {
      'intervals: those of Wald': ['(proportion + share / 2) / (1 + share)', 'proportion'],
    },
  ),
  ...mutantsOf('packages/trainer/src/start-from.ts', ['packages/trainer/src/start-from'], {
    'starting from another: what may differ is not asked': [
      'if (refusedNew.length + refusedLeft.length > 0)',
      'if (refusedNew.length > 0 && refusedLeft.length > 0)',
    ],
    'starting from another: shapes are not compared': [
      "String(own.get(path)?.shape ?? 'none') === String(shapes.get(path) ?? 'nothing')",
      'own.has(path) && shapes.has(path)',
    ],
    'starting from another: patterns that fit nothing are passed over': [
      "  requireFitting('mayBeLeft', mayBeLeft, { parameters: shapes.keys(), modules: slotsOf(saved) });\n",
      '',
    ],
    'starting from another: the run does not know': ['    noteOrigin(model, report.sha256);\n', ''],
  }),
  ...mutantsOf('packages/trainer/src/train.ts', ['packages/trainer/src/evaluation/calibrate'], {
    'calibration: a training that asks for it ends without': [
      'options.settings.calibrate && evaluation',
      'false && evaluation',
    ],
  }),
  ...mutantsOf('packages/trainer/src/run/checkpoint-folder.ts', ['packages/trainer/src/train-stages'], {
    'checkpoints: parameters that are NaN are saved': ['finiteValues(path, parameter)', 'parameter.viewValues()'],
  }),
  ...mutantsOf('packages/trainer/src/optimizers/parameter-bundle.ts', ['packages/trainer/src/train-stages'], {
    'stages: moments are kept, and how many steps they have taken is not': ['    this.steps = former.steps;\n', ''],
  }),
];
