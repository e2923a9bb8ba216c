/**
 * What one step of the tests came to.
 * @typedef {{ passed: number, failed: number, skipped: number }} Count
 */

/**
 * Counts of a vitest JSON report. A file that could not even be loaded has no
 * tests, and a run can fail outside any test: both count as one failure.
 * @param {unknown} report  parsed JSON, or undefined when vitest wrote none
 * @param {boolean} ok      whether vitest's exit code was 0
 * @returns {Count}
 */
export function countReport(report, ok) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  const files = /** @type {{ testResults?: VitestFile[] } | undefined} */ (report)?.testResults;
  for (const file of files ?? []) {
    for (const { status } of file.assertionResults) {
      if (status === 'passed') count.passed++;
      else if (status === 'failed') count.failed++;
      else count.skipped++;
    }
    if (file.status === 'failed' && !file.assertionResults.some((t) => t.status === 'failed')) {
      count.failed++;
    }
  }
  if (!ok && count.failed === 0) count.failed = 1;
  return count;
}

/**
 * @typedef {object} VitestFile
 * @property {string} status
 * @property {{ status: string }[]} assertionResults
 */

/**
 * The last line of `npm test`.
 * @param {readonly Count[]} counts
 */
export function totalLine(counts) {
  /** @param {keyof Count} key */
  const sum = (key) => counts.reduce((total, count) => total + count[key], 0);
  const skipped = sum('skipped');
  const line = `${sum('passed')} passed, ${sum('failed')} failed`;
  return skipped === 0 ? line : `${line}, ${skipped} skipped`;
}
