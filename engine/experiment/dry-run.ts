import type { BootCommand } from '../boot/types.js';
import { prepareBench, requestFor, type BenchServices } from './bench.js';
import type { Plan, PlannedCell } from './types.js';

/** The exact command of every cell of a plan, in its order, without running any. */
export async function plannedCommands(
  services: BenchServices,
  plan: Plan,
): Promise<{ cell: PlannedCell; command: BootCommand }[]> {
  const bench = await prepareBench(services, plan);
  const folder = await services.workspace.temporaryFolder('dry-run');
  const commands = [];
  for (const cell of plan.cells) {
    const command = await services.emulator.command(requestFor(bench, plan, cell, folder));
    commands.push({ cell, command });
  }
  return commands;
}
