'use strict';

// Old syntax on purpose: a Node that is too old must get as far as saying so.

/** What is wrong with this Node, or null. */
exports.nodeComplaint = function nodeComplaint() {
  const parts = process.versions.node.split('.').map(Number);
  if (parts[0] > 20 || (parts[0] === 20 && parts[1] >= 19)) return null;
  return (
    'Node.js 20.19 or newer is needed; this is ' +
    process.version +
    ' at ' +
    process.execPath +
    ' (https://nodejs.org)'
  );
};
