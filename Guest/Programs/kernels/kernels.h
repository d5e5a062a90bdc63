/* One compute kernel each, for benchmarks: no system call while it runs, one 64-bit checksum at the end. */
#ifndef KERNELS_H
#define KERNELS_H

#include <stdint.h>
#include <string.h>

struct kernel {
  const char *name;
  unsigned repeat;                 /* default: one to two seconds under qemu-user */
  uint64_t (*run)(unsigned repeat); /* the checksum depends on the repeat count alone */
};

extern const struct kernel coremark_like, crc32, fib, mandel, matmul_int, memcopy, nbody, quicksort, sha256, sieve,
    spin_float, switchvm;

/* xorshift64*: the same data in every run. */
static inline uint64_t next_random(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * 0x2545f4914f6cdd1d;
}

static inline uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 29);
}

static inline uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

#endif
