'use strict';

// What ./planewright starts: sets the clone up where it has to, then becomes the command line in the same
// process (a second Node would cost as much again as --version takes). Old syntax: see node-version.cjs.

const path = require('path');
const complaint = require('./node-version.cjs').nodeComplaint();

function load(file) {
  return import(require('url').pathToFileURL(path.join(__dirname, file)).href);
}

async function launch() {
  const setup = await load('setup.mjs');
  try {
    await setup.setUp();
    if (process.argv[2] === 'serve') await (await load('page.mjs')).ensurePage();
  } catch (error) {
    setup.explain(error);
    process.exit(1);
  }
  process.argv[1] = path.join(__dirname, '..', 'dist', 'cli', 'main.js');
  await load('../dist/cli/main.js');
}

if (complaint) {
  process.stderr.write('planewright: ' + complaint + '\n');
  process.exitCode = 1;
} else {
  launch();
}
