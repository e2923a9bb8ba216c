import { runTool } from '../../../engine/build/process.js';

/** Runs a shell script through runTool, for a test that kills this process. */
const [, , script = '', argument = ''] = process.argv;
await runTool({
  what: 'a test',
  program: 'sh',
  argv: ['-c', script, 'sh', argument],
  environment: process.env,
});
