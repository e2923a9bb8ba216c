/** Streams made by the real bzip2 (libbz2 1.0.8), since no JavaScript compressor exists. */

/** Runs of 4, 5 and 300 equal bytes: the first run-length coding at its edges. */
export const bzip2Runs = {
  stream: Buffer.from(
    'QlpoOTFBWSZTWSHTki4AABVdgOAQQGFhAAAEOi2fQAAIIABIj1SNGJ6htTCaAr/VUAAAaGRd4EihQ7PRSB1MYZDQ' +
      'WacDlJZjk51Nj5sjZFN2ki8YvkkoNlSyCtSyWptPxdyRThQkCHTki4A=',
    'base64',
  ),
  plain: Buffer.from(
    `${'Linux version 6.1.0 (kernel boot lab)\n'.repeat(3)}aaaabbbbb${'c'.repeat(300)}`,
  ),
};

/** 250 000 bytes in three blocks (`-1`): a pattern of 40 bytes, again and again. */
export const bzip2Blocks = {
  stream: Buffer.from(
    'QlpoMTFBWSZTWclOGdYApfv/m5QASCuACAAQAQAAEMIESGAAF4SAABSCABACsAFYAGMmJphNMTATTAYyYmmE0xMB' +
      'NMAUqqAGgDRk9T1P1JtqnbQVGCFR0UFRsQqPUhUZoKjQhUYoKjfQVGpCo9CFRqQqPGgqNKCo30FR5EKj4IVHOgqO' +
      'VBUe5CowQqPkhUYoKjSgqMEKj9IVGxCo7qCo1IVHGgqNaCo40FR/UFRyIVH5zoKjNBUZIVG1BUZIVGSFR/mKCsky' +
      'ms3AzwFwAOpX/NygAkFcAEAAgAgAAIYQIkMAALwkAACkEACAFYAKwAMZMTTCaYmAmmAxkxNMJpiYCaYApVUDQGga' +
      'Gnqep+pNtU3EKjBCo6CFRtQVHpQVGaCo3aUFRghUcCFRrQVHnQVGtBUeRCo0IVHAhUb6Co96Co5kKjkQqN9BUYoK' +
      'j4oKjBCo0IVGKCo/aCo2oKjtIVGtBUcSFRqQqOJCo/iFRyoKjmQqMkKjNBUbEKjNBUZoKj/MUFZJlNZWUihQQAw3' +
      'X+blABIK4AIABABAAAQwgRIYAAXhIAAFIIAEAKwATsUhjJiaYTTEwE0wCaqqGQwQPQBimQFKqhoMTQYCMNT2qelC' +
      'o7IVHhQqM6FR80BX8VCuhUKyKhWBUK7FQr4KhXYqFbCoV0KhWBUK2lQr8KhXcqFZoVH2hUZd6FRwoVHehFdSoVmV' +
      'CsioV4KhXuVCsSoVzKhWJUK5lRH9QqMqFR8IVGKFRihUZ0KjFCoxQqP8XckU4UJAMQwZHA==',
    'base64',
  ),
  size: 250_000,
  crc32: 0xbb37dd63,
};

/** 64 MiB of zeros in 79 bytes. */
export const bzip2Bomb = Buffer.from(
  'QlpoOTFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZvAS1wwCidcAAwAAACCAAIKQINjKKiE0q' +
    'KiE4u5IpwoSFALuD6A==',
  'base64',
);
