/**
 * The fit of the step model's constants, done again: `node scripts/calibrate.mjs [GPU...]` after a build prints the three
 * factors of each GPU and, a line a case, the error in the fit, by the leave-one-out formula, and by a true refit without
 * the case (`--quick` leaves the refits out; they take minutes on A100's 157 cases).
 */

import { fitEfficiency, refitWithout, sensitivity } from '../dist/calibrate/fit.js';
import { TRAINING, trainingOf } from '../dist/calibrate/training.js';
import { builtin } from '../dist/catalog/catalog.js';

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const named = args.filter((a) => !a.startsWith('--'));
const catalog = builtin();
const percent = (log) => `${(100 * (Math.exp(log) - 1)).toFixed(2)} %`.padStart(10);

for (const gpu of named.length > 0 ? named : Object.keys(TRAINING)) {
  const trials = trainingOf(gpu, catalog);
  const efficiency = fitEfficiency(trials, catalog.find('efficiency', gpu));
  const { residuals, leftOut } = sensitivity(trials, efficiency);
  console.log(
    `${gpu}: ${JSON.stringify(efficiency.scale)}, three constants fitted to ${trials.length} steps`,
  );
  console.log(`${'case'.padEnd(56)}     fitted   left out${quick ? '' : '      refit'}`);
  trials.forEach(({ trial }, i) => {
    const refit = quick ? '' : percent(refitWithout(trials, i, efficiency));
    console.log(`${trial.trial.id.padEnd(56)} ${percent(residuals[i])} ${percent(leftOut[i])} ${refit}`);
  });
}
