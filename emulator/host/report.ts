/**
 * Receives the progress of long work.
 *
 * `step` names the work, `detail` is what it is doing, `fraction` is how much of it is done, from 0
 * to 1, if known.
 */
export type Report = (event: { step: string; detail?: string; fraction?: number }) => void;
