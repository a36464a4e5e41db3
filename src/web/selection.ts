import { signal } from '@preact/signals';

/** The link that is being looked at: shared by the maps and the table of hot links. */
export const focus = {
  cell: signal(-1),
  up: signal(true),
  /** Empty: the chosen routing. */
  routing: signal(''),
};
