import { describeThrown } from '../describe-thrown';
import { BackendError } from './backend-error';
import { ConfigError } from './config-error';
import { DuplicateNameError } from './duplicate-name-error';
import { FileFormatError } from './file-format-error';
import { LockedError } from './locked-error';
import { MissingModalityError } from './missing-modality-error';
import { NonFiniteError } from './non-finite-error';
import { NotFittedError } from './not-fitted-error';
import { PartError } from './part-error';
import { PolymodalError, type PolymodalErrorDetails } from './polymodal-error';
import { SampleError } from './sample-error';
import { ShapeError } from './shape-error';
import { StateError } from './state-error';
import { StorageError } from './storage-error';
import { UnknownNameError } from './unknown-name-error';

/** An error as plain data, which can be sent to another thread. */
export interface ErrorReport {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  /** What the system calls the fault, `ENOSPC` say. */
  readonly systemCode?: string | undefined;
  /** Of an error of Polymodal: its codes, that of its own class first. */
  readonly codes?: readonly string[] | undefined;
  readonly details?: Omit<PolymodalErrorDetails, 'cause'> | undefined;
  readonly cause?: ErrorReport | undefined;
}

/** Causes of causes that are told. */
const deepest = 8;

/** What was thrown, as plain data. */
export function reportError(thrown: unknown, depth = 0): ErrorReport {
  if (!(thrown instanceof Error)) return { name: 'Error', message: describeThrown(thrown) };
  const { name, message, stack, cause } = thrown;
  const { code } = thrown as { code?: unknown };
  const told = cause === undefined || depth === deepest ? undefined : reportError(cause, depth + 1);
  const report = { name, message, stack, ...(told && { cause: told }) };
  if (!PolymodalError.isInstance(thrown)) return { ...report, ...(typeof code === 'string' && { systemCode: code }) };
  const { where, expected, received, hint } = thrown;
  const details = { ...(where !== undefined && { where }), expected, received, ...(hint !== undefined && { hint }) };
  return { ...report, codes: thrown.codes, details };
}

/** The error that a report tells of: of its class where that is one of ours, else of the nearest above it. */
export function reportedError({ name, message, stack, systemCode, codes, details, cause }: ErrorReport): Error {
  const options = cause ? { cause: reportedError(cause) } : {};
  const Class =
    codes && classes.find((own) => own.code === codes.find((code) => classes.some((one) => one.code === code)));
  const error = Class && details ? new Class({ ...details, ...options }) : new Error(message, options);
  if (!Class) Object.assign(error, { name, ...(systemCode !== undefined && { code: systemCode }) });
  if (stack !== undefined) error.stack = stack;
  return error;
}

const classes = [
  BackendError,
  ConfigError,
  DuplicateNameError,
  FileFormatError,
  LockedError,
  MissingModalityError,
  NonFiniteError,
  NotFittedError,
  PartError,
  SampleError,
  ShapeError,
  StateError,
  StorageError,
  UnknownNameError,
];
