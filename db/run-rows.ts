import type { BootOutcome, EnvironmentName } from '../engine/boot/types.js';
import type { Statements } from './connection.js';
import type { RunRecord, RunState } from './records.js';
import type { Sql } from './sql.js';

interface RunRow {
  id: number;
  experiment_id: number;
  cell: number;
  repetition: number;
  image_sha256: string;
  label: string;
  environment: string;
  state: string;
  outcome: string | null;
  evidence: string | null;
  input_hash: string;
  program: string;
  argv: string;
  kernel_command_line: string;
  xen_command_line: string | null;
  versions: string;
  cpu: string;
  started_at: string;
  finished_at: string | null;
  wall: number | null;
  boot_user: number | null;
  boot_kernel: number | null;
  boot_hypervisor: number | null;
  mem_total_kib: number | null;
  memory_line: string | null;
  differs_from: string;
}

/** Runs that meet a condition, in the order of their plan. */
export async function runsWhere(statements: Statements, condition: Sql): Promise<RunRecord[]> {
  const rows = await statements.all<RunRow>({
    text: `SELECT runs.*, (
        SELECT json_group_array(earlier_run_id ORDER BY earlier_run_id)
        FROM run_differences WHERE run_id = runs.id
      ) AS differs_from
      FROM runs WHERE ${condition.text} ORDER BY experiment_id, cell, repetition, id`,
    values: condition.values,
  });
  return rows.map(toRecord);
}

function toRecord(row: RunRow): RunRecord {
  const { boot_user: user, boot_kernel: kernel, boot_hypervisor: hypervisor } = row;
  const booted = user !== null && kernel !== null && hypervisor !== null;
  return {
    id: row.id,
    experimentId: row.experiment_id,
    cell: row.cell,
    repetition: row.repetition,
    imageSha256: row.image_sha256,
    label: row.label,
    environment: row.environment as EnvironmentName,
    state: row.state as RunState,
    outcome: row.outcome as BootOutcome | null,
    evidence: row.evidence,
    inputHash: row.input_hash,
    program: row.program,
    argv: JSON.parse(row.argv) as string[],
    kernelCommandLine: row.kernel_command_line,
    xenCommandLine: row.xen_command_line,
    versions: JSON.parse(row.versions) as RunRecord['versions'],
    cpu: row.cpu,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    wall: row.wall,
    bootInstructions: booted ? { user, kernel, hypervisor } : null,
    memTotalKiB: row.mem_total_kib,
    memoryLine: row.memory_line,
    differsFrom: JSON.parse(row.differs_from) as number[],
  };
}
