import type { About } from '../../engine/contract/app/shell.js';

export interface AboutRow {
  readonly label: string;
  readonly value: string;
}

/** What a bug report needs to know. */
export function aboutRows(about: About, workspace: string): AboutRow[] {
  return [
    { label: 'Version', value: about.version },
    { label: 'Electron', value: about.electron },
    { label: 'Chromium', value: about.chromium },
    { label: 'Node', value: about.node },
    { label: 'Log of the app', value: about.log },
    { label: 'Log of the engine', value: `${workspace}/log/kbl.log` },
  ];
}

export function aboutText(rows: readonly AboutRow[]): string {
  return rows.map(({ label, value }) => `${label}: ${value}\n`).join('');
}
