import type { NoticeName, NoticeOf } from '../../engine/contract/app/notices.js';
import type { Sha256 } from '../../engine/units.js';
import type { Workspace } from '../../engine/workspace/types.js';
import type { Consoles } from './console/consoles.js';
import type { Grants } from './grants.js';
import type { Jobs } from './jobs.js';
import type { Removals } from './removals.js';
import type { Threads } from './threads/threads.js';

/** What handlers work with. One for the life of the engine host. */
export interface HostContext {
  /** Folder of the workspace, whether it exists or not. */
  readonly home: string;
  /** Opens the workspace when it is first asked for. */
  workspace(): Promise<Workspace>;
  readonly jobs: Jobs;
  readonly grants: Grants;
  readonly consoles: Consoles;
  readonly removals: Removals<Sha256>;
  /** By the experiment's id. */
  readonly experimentRemovals: Removals<number>;
  /** For what computes longer than a blink: this thread serves every window. */
  readonly threads: Threads;
  /** Tells every window. */
  tell<Name extends NoticeName>(name: Name, notice: NoticeOf<Name>): void;
}
