import type { NoticeName, NoticeOf } from '../../engine/contract/app/notices.js';
import type { Workspace } from '../../engine/workspace/types.js';
import type { Grants } from './grants.js';
import type { Jobs } from './jobs.js';
import type { Removals } from './removals.js';

/** What handlers work with. One for the life of the engine host. */
export interface HostContext {
  /** Folder of the workspace, whether it exists or not. */
  readonly home: string;
  /** Opens the workspace when it is first asked for. */
  workspace(): Promise<Workspace>;
  readonly jobs: Jobs;
  readonly grants: Grants;
  readonly removals: Removals;
  /** Tells every window. */
  tell<Name extends NoticeName>(name: Name, notice: NoticeOf<Name>): void;
}
