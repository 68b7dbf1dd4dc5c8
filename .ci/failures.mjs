import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** A reporter of Jest: appends the files of which a test failed, and what failed in them, to the files that .ci/tests names. */
export default class Failures {
  /** A suite that was killed in its middle says so by saying nothing. */
  onRunComplete(_contexts, { wasInterrupted }) {
    const { CI_RUN_ENDED: ended } = process.env;
    if (ended && !wasInterrupted) appendFileSync(ended, 'ended\n');
  }

  onTestFileResult(_test, result) {
    const failed = result.testResults.filter((one) => one.status === 'failed');
    if (failed.length === 0 && !result.testExecError) return;
    const file = path.relative(process.cwd(), result.testFilePath);
    const { CI_FAILED_FILES: files, CI_FAILED_TESTS: tests } = process.env;
    if (files) appendFileSync(files, `${file}\n`);
    if (tests)
      appendFileSync(tests, [`--- ${file}`, ...failed.map(told), result.testExecError?.message ?? '', ''].join('\n'));
  }
}

const LINES = 14;

function told(test) {
  return `${test.fullName}\n${stripVTControlCharacters(test.failureMessages.join('\n')).split('\n').slice(0, LINES).join('\n')}`;
}
