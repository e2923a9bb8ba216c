/**
 * What is left of patch sites once a kernel has booted: no-ops, in text and executed, for the
 * native build, the paravirtualised one that patches itself, and the one that was patched
 * offline: `npm run bench:patch -- [--workspace FOLDER]`. Instructions per operation and to the first
 * line of /init are in the table of `kbl run`.
 */
import { parseArgs } from 'node:util';
import type { ImageRecord } from '../db/records.js';
import { defaultMachine, type EnvironmentName } from '../engine/boot/index.js';
import { workspaceEmulator } from '../engine/experiment/emulator.js';
import { standardFlavours, standardImages } from '../engine/experiment/standard.js';
import { openImageKernel } from '../engine/images/patch-kernel.js';
import { workloads } from '../engine/measure/workloads.js';
import { profile } from '../engine/patch/constants/profile.js';
import { observe } from '../engine/patch/observe/index.js';
import { openWorkspace } from '../engine/workspace/workspace.js';
import { nopsIn, type Nops } from './patch/nops.js';

const { values: asked } = parseArgs({ options: { workspace: { type: 'string' } } });
const say = (text: string): void => console.error(text);

/** One kernel where it runs. */
interface Column {
  label: string;
  environment: EnvironmentName;
  image: ImageRecord;
}

interface Figures {
  column: Column;
  nops: Nops;
  /** No-ops executed: up to /init, then in one operation of each workload. */
  boot: number;
  operations: Map<string, number>;
}

const names = workloads.map(({ name }) => name);
const workspace = await openWorkspace(asked.workspace);
try {
  const emulator = workspaceEmulator(workspace);
  const services = { workspace, emulator };
  const images = await standardImages(services, { flavours: standardFlavours }, {});
  const [native, xen] = [images.flavours.get('native')!, images.flavours.get('xen')!];
  const columns: Column[] = [
    { label: 'native', environment: 'bare', image: native },
    { label: 'xen', environment: 'bare', image: xen },
    { label: 'xen-for-bare', environment: 'bare', image: images.patched.get('bare')! },
    { label: 'xen', environment: 'xen-pv-dom0', image: xen },
    { label: 'xen-for-xen', environment: 'xen-pv-dom0', image: images.patched.get('xen-pv-dom0')! },
  ];
  const figures: Figures[] = [];
  for (const column of columns) figures.push(await measure(column));
  console.log(table(figures));

  async function measure(column: Column): Promise<Figures> {
    const { image, environment, label } = column;
    say(`${label} on ${environment}`);
    const kernel = (await openImageKernel(workspace, image)).kernel;
    const file = workspace.store.path(image.sha256);
    const boot = { kernel, file, environment, machine: { ...defaultMachine } };
    const { memory } = await observe(services, boot);
    const nops = nopsIn(kernel, memory);
    const watched = new Uint8Array(nops.address.length);
    const variable = new Uint8Array(nops.address.length);
    const sites = { address: nops.address, watched, variable };
    const { executions } = await profile(services, { ...boot, workloads: names, sites });
    const total = (counts: Float64Array): number => counts.reduce((sum, one) => sum + one, 0);
    const operations = names.map((name) => [name, total(executions.workloads.get(name)!)] as const);
    return { column, nops, boot: total(executions.boot), operations: new Map(operations) };
  }
} finally {
  await workspace.close();
}

function table(figures: readonly Figures[]): string {
  const row = (label: string, of: (one: Figures) => number | string): string =>
    [label, ...figures.map((one) => of(one).toLocaleString('en'))].join(' | ');
  return [
    row('', ({ column }) => `${column.label}/${column.environment}`),
    row('text, bytes', ({ nops }) => nops.text),
    row('no-ops in text, bytes', ({ nops }) => nops.size),
    row('no-ops in text', ({ nops }) => nops.address.length),
    row('executed up to /init', ({ boot }) => boot),
    ...names.map((name) => row(`executed by ${name}`, ({ operations }) => operations.get(name)!)),
  ]
    .map((line) => `| ${line} |`)
    .join('\n');
}
