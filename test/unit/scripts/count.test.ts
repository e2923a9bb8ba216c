import { describe, expect, it } from 'vitest';
import { countReport, totalLine } from '../../../scripts/test/count.mjs';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((one) => ({ status: one })),
});

describe('countReport', () => {
  it('counts tests by their state', () => {
    const report = {
      testResults: [
        file('passed', 'passed', 'passed', 'pending', 'skipped', 'todo'),
        file('failed', 'failed', 'passed'),
      ],
    };
    expect(countReport(report, false)).toEqual({ passed: 3, failed: 1, skipped: 3 });
  });

  it('counts a file that could not be loaded as a failure', () => {
    const report = { testResults: [file('failed'), file('passed', 'passed')] };
    expect(countReport(report, false)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it('counts a failure outside any test, and a run that wrote no report', () => {
    expect(countReport({ testResults: [file('passed', 'passed')] }, false).failed).toBe(1);
    expect(countReport(undefined, false)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

it('totalLine names what was skipped only when something was', () => {
  const one = { passed: 1, failed: 0, skipped: 0 };
  expect(totalLine([one, { passed: 2, failed: 1, skipped: 0 }])).toBe('3 passed, 1 failed');
  expect(totalLine([one, { passed: 0, failed: 0, skipped: 4 }])).toBe(
    '1 passed, 0 failed, 4 skipped',
  );
});
