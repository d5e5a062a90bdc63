/* Copies between two unequally aligned 256 KiB buffers: by bytes, by 64-bit words and by the C library. */
#include "kernels.h"

enum { SIZE = 256 * 1024 };

static __attribute__((noinline, optimize("no-tree-loop-distribute-patterns"))) void copy_bytes(volatile uint8_t *to,
                                                                                              const uint8_t *from) {
  for (int i = 0; i < SIZE; i++) to[i] = from[i];
}

static __attribute__((noinline, optimize("no-tree-loop-distribute-patterns"))) void copy_words(volatile uint64_t *to,
                                                                                              const uint64_t *from) {
  for (int i = 0; i < SIZE / 8; i++) to[i] = from[i];
}

static uint64_t run(unsigned repeat) {
  static uint64_t a[SIZE / 8 + 1], b[SIZE / 8 + 1];
  uint8_t *from = (uint8_t *)a, *to = (uint8_t *)b + 3;
  uint64_t seed = 3, hash = 0;
  for (int i = 0; i < SIZE / 8; i++) a[i] = next_random(&seed);
  for (unsigned r = 0; r < repeat; r++) {
    from[r % SIZE] ^= (uint8_t)r;
    copy_bytes(to, from);
    hash = mix(hash, to[r * 31 % SIZE]);
    copy_words(b, a);
    hash = mix(hash, b[r * 17 % (SIZE / 8)]);
    for (int i = 0; i < 8; i++) memcpy(to + i, from, SIZE - 8);
    hash = mix(hash, to[r * 13 % (SIZE - 16)]);
  }
  return hash;
}

const struct kernel memcopy = {"memcopy", 700, run};
