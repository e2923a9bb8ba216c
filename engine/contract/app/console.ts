import { z } from 'zod';
import { environmentNames } from '../../boot/types.js';
import { method } from './method.js';

export type { EnvironmentName } from '../../boot/types.js';

/**
 * Flow control, as VS Code has it between its terminals and their processes. A
 * guest that prints without end is faster than any terminal: without a brake
 * the bytes on their way to the window would grow without bound, and with a
 * brake at the first byte that is not shown yet, it would stutter. So the
 * window acknowledges what its terminal has taken in, in steps; the host stops
 * reading the guest's console above the high watermark and goes on below the
 * low one. The emulator's pipe then fills, its serial port stays busy, and
 * the guest itself waits. Watermarks lie wide apart so that most steps change
 * nothing. A character of a console is a byte.
 */
export const flow = {
  /** Unacknowledged characters above which the guest is held back. */
  highWatermark: 100_000,
  /** Unacknowledged characters at which it goes on. */
  lowWatermark: 5_000,
  /** The window acknowledges each time it has taken in so many. */
  acknowledgeEvery: 5_000,
} as const;

/**
 * What a guest says: its own console, and where a hypervisor is below it, that one's. Each has
 * its own terminal, flow and log.
 */
export const streamNames = ['guest', 'hypervisor'] as const;
export type StreamName = (typeof streamNames)[number];

/** Longest piece of typing in one message; a paste is sent in pieces. */
export const typingLimit = 65_536;

const guest = z.int().min(1).describe('number of a guest, from its first event');
const stream = z.enum(streamNames);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const words = z.string().max(2048);
const megabytes = z.int().min(32).max(65_536);

const milliseconds = z.number().describe('milliseconds of the host, without pauses');
const instructions = z
  .int()
  .nullable()
  .describe('executed by the guest since its start, all domains; null before QEMU tells');

const domainCounts = z
  .strictObject({ user: z.int(), kernel: z.int(), hypervisor: z.int() })
  .nullable()
  .describe('the same by domain, as the counter plugin counts; null where none is loaded');

const begun = z.strictObject({
  kind: z.literal('begun'),
  guest,
  /** 1 for the first boot, one more with each reset. */
  boot: z.int(),
  pid: z.int().describe('process id of the emulator'),
  command: z.string().describe('the exact command, as lines for a shell'),
  emulator: z.string(),
  ownLines: z.boolean().describe('each stream has a serial line of its own'),
  warnings: z.array(z.string()),
});

const status = z.strictObject({
  kind: z.literal('status'),
  state: z.enum(['booting', 'running', 'paused']),
  elapsed: milliseconds,
  instructions,
  domains: domainCounts,
});

const ended = z.strictObject({
  kind: z.literal('ended'),
  outcome: z.string().describe('docs/measuring.md lists them'),
  evidence: z.string(),
  elapsed: milliseconds,
  instructions,
  domains: domainCounts,
  stderr: z.string().describe('what the emulator said, its last part'),
});

const guestEvent = z.discriminatedUnion('kind', [
  begun,
  status,
  ended,
  /** What was printed, without the escapes that a terminal must not honour. */
  z.strictObject({ kind: z.literal('output'), stream, bytes: z.instanceof(Uint8Array) }),
]);
export type GuestEvent = z.infer<typeof guestEvent>;
export type GuestStatus = z.infer<typeof status>;
export type GuestEnd = z.infer<typeof ended>;

const onGuest = z.strictObject({ guest });

/** Whether and why an image boots in each environment, on this machine. */
const choices = z.strictObject({
  verdicts: z.array(
    z.strictObject({
      environment: z.enum(environmentNames),
      boots: z.boolean(),
      reason: z.string(),
    }),
  ),
});
export type BootChoices = z.infer<typeof choices>;

const nothing = z.strictObject({});
const order = method({ params: onGuest, reply: nothing, event: z.never() });

export const consoleMethods = {
  'console.choices': method({
    params: z.strictObject({ image: sha256 }),
    reply: choices,
    event: z.never(),
  }),
  /**
   * Boots an image with a shell on its console. The request is the guest's
   * life: it stays open after the guest's end, for its log and for a reset,
   * until it is cancelled, which ends the guest. A window that closes, or a
   * host that dies, leaves no guest behind.
   */
  'console.boot': method({
    params: z.strictObject({
      image: sha256,
      environment: z.enum(environmentNames),
      memory: megabytes.nullable().describe('MiB of the machine; null for the default'),
      append: words.default('').describe("words for the kernel's command line"),
      xenAppend: words.default('').describe("words for Xen's command line"),
      ownLines: z
        .boolean()
        .default(true)
        .describe('Xen and its guest on a serial line each, where the kernel drives one'),
    }),
    reply: nothing,
    event: guestEvent,
  }),
  /** Types on the console, or to the hypervisor. */
  'console.type': method({
    params: z.strictObject({
      guest,
      stream,
      bytes: z.instanceof(Uint8Array).refine(({ length }) => length <= typingLimit),
    }),
    reply: nothing,
    event: z.never(),
  }),
  /** The window's terminal has taken in so many characters of output. */
  'console.acknowledge': method({
    params: z.strictObject({ guest, stream, characters: z.int().min(1) }),
    reply: nothing,
    event: z.never(),
  }),
  /** Stops the virtual CPU, and lets it go on. */
  'console.pause': order,
  'console.resume': order,
  /** Switches the machine off and on again: a new boot of the same request. Also after its end. */
  'console.reset': order,
  'console.stop': order,
  /** Writes a stream of the guest's last boot as plain text into a file that a dialog gave. */
  'console.save': method({
    params: z.strictObject({ guest, stream, file: z.uuid() }),
    reply: z.strictObject({ size: z.int().describe('bytes'), truncated: z.boolean() }),
    event: z.never(),
  }),
};
