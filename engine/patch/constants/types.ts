/** What kind of variable: where its author put it (include/linux/cache.h), or elsewhere. */
export const variableClasses = ['ro_after_init', 'read_mostly', 'other'] as const;
export type VariableClass = (typeof variableClasses)[number];

/** Why an instruction keeps its memory operand. */
export const refusals = {
  'no-form': 'the instruction has no form with an immediate',
  'no-room': 'the value needs an immediate of 64 bits, which the instruction has no room for',
  order: 'the value would be the first operand, which is never an immediate',
  flags: 'no instruction sets these flags without the memory operand',
  'not-text': 'the call or jump leads out of the kernel text',
  writes: 'the instruction writes to the variable',
  partial: 'the instruction takes a part of an address, or more than the variable',
  site: 'the kernel rewrites the instruction at boot',
} as const;

export type Refusal = keyof typeof refusals;
export const refusalKinds = Object.keys(refusals) as [Refusal, ...Refusal[]];

/** How the value of a variable may be another one than the one that was seen. */
export const hazards = {
  stored: 'written after boot',
  address: 'its address is taken in code',
  pointer: 'data that stays after boot points at it',
  early: 'code that boots reads it before it is set',
  changed: 'it changed while the workloads ran',
  kaslr: 'KASLR decides it at each boot',
} as const;

export type HazardKind = keyof typeof hazards;
export const hazardKinds = Object.keys(hazards) as [HazardKind, ...HazardKind[]];

export interface Hazard {
  kind: HazardKind;
  /** Names of functions or objects, each once; empty where there are none to name. */
  where: string[];
}
