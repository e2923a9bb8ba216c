import type { Verb } from '../verb.js';
import { boot } from './boot.js';
import { build } from './build.js';
import { compareVerb } from './compare.js';
import { completion } from './completion.js';
import { constants } from './constants.js';
import { diff } from './diff.js';
import { doctor } from './doctor.js';
import { experiments } from './experiments.js';
import { exportVerb } from './export.js';
import { extract } from './extract.js';
import { images } from './images.js';
import { importVerb } from './import.js';
import { inspect } from './inspect.js';
import { measure } from './measure.js';
import { merge } from './merge.js';
import { observe } from './observe.js';
import { patch } from './patch.js';
import { resume } from './resume.js';
import { run } from './run.js';
import { sites } from './sites.js';
import { size } from './size.js';

/** Every verb of `kbl`, in the order in which help lists them. */
export const verbs: readonly Verb[] = [
  run,
  build,
  merge,
  extract,
  patch,
  images,
  importVerb,
  inspect,
  size,
  sites,
  constants,
  diff,
  boot,
  observe,
  measure,
  resume,
  experiments,
  compareVerb,
  exportVerb,
  doctor,
  completion(() => verbs),
];
