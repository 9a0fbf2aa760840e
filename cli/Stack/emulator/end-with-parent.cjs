// Preloaded into the emulator: whoever started it holds the other end of stdin, so its end means that nobody is there any more.
'use strict';

process.stdin.resume();
process.stdin.once('close', () => {
  // The emulator's own handler closes its servers and writes what it holds; before it stands there is nothing to lose.
  if (!process.emit('SIGTERM', 'SIGTERM')) process.exit(0);
  setTimeout(() => process.exit(0), 3000).unref();
});
