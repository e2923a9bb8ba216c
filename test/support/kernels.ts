import { inject } from 'vitest';

/** Files of a kernel that the tests' set-up built. */
export interface TestKernel {
  bzImage: string;
  vmlinux: string;
  systemMap: string;
  config: string;
  /** Where the linker put what. */
  linkMap: string;
  /** What was kept of the build folder, for relinking. */
  tree: string;
}

/** What test/support/global-setup.ts provides to integration tests. */
export interface TestKernels {
  /** Workspace in which they were built, and in which tests share observations. */
  home: string;
  native: TestKernel;
  xen: TestKernel;
  /** The multi-image of both, native by default. */
  multi: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    kernels: TestKernels;
  }
}

/** A kernel of a flavour, built by the lab. */
export function testKernel(flavour: 'native' | 'xen'): TestKernel {
  return inject('kernels')[flavour];
}

/** The multi-image of native and xen. */
export function testMultiImage(): string {
  return inject('kernels').multi;
}
