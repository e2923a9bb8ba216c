import { describe, expect, it } from 'vitest';
import { begunWorkload, readGuestReport } from '../../../engine/guest/report.js';

const console = [
  'Memory: 756564K/785912K available (6144K kernel code, 798K rwdata, 29092K reserved)',
  'KBL-INIT\r',
  'KBL-MEMORY MemTotal:         760708 kB\r',
  'KBL-WORKLOAD empty\r',
  'KBL-TSC empty 6\r',
  'KBL-WORKLOAD null\r',
  'KBL-TSC null 191\r',
  'KBL-WORKLOAD pipe\r',
  'KBL-ERROR pipe\r',
  'KBL-FAILED pipe 256\r',
  '',
].join('\n');

describe('what the guest says', () => {
  it('is read from its console', () => {
    expect(readGuestReport(console)).toEqual({
      memTotalKiB: 760708,
      memoryLine:
        'Memory: 756564K/785912K available (6144K kernel code, 798K rwdata, 29092K reserved)',
      tsc: new Map([
        ['empty', 6],
        ['null', 191],
      ]),
      failed: new Map([['pipe', 256]]),
      errors: ['pipe'],
    });
  });

  it('is nothing when the kernel died before', () => {
    expect(readGuestReport('Kernel panic - not syncing')).toEqual({
      memTotalKiB: undefined,
      memoryLine: undefined,
      tsc: new Map(),
      failed: new Map(),
      errors: [],
    });
  });

  it('names the workload that begins', () => {
    expect(begunWorkload('KBL-WORKLOAD fork_exit')).toBe('fork_exit');
    expect(begunWorkload('something KBL-WORKLOAD fork_exit')).toBeUndefined();
  });
});
