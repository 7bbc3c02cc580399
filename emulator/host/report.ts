/**
 * Tells whoever watches what a long piece of work does and how far it is.
 *
 * `step` names the work, `detail` what it does just now, `fraction` how much of it is done, from 0
 * to 1, where that can be known.
 */
export type Report = (event: { step: string; detail?: string; fraction?: number }) => void;
