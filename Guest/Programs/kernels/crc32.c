/* CRC-32 (IEEE 802.3) of 1 MiB by table: one dependent load a byte. */
#include "kernels.h"

enum { SIZE = 1 << 20 };

static uint64_t run(unsigned repeat) {
  static uint8_t data[SIZE];
  static uint32_t table[256];
  uint64_t seed = 1;
  for (int i = 0; i < SIZE; i++) data[i] = (uint8_t)next_random(&seed);
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >> 1) : c >> 1;
    table[i] = c;
  }
  uint32_t crc = 0xffffffff;
  for (unsigned r = 0; r < repeat; r++)
    for (int i = 0; i < SIZE; i++) crc = table[(crc ^ data[i]) & 0xff] ^ (crc >> 8);
  return ~crc;
}

const struct kernel crc32 = {"crc32", 250, run};
