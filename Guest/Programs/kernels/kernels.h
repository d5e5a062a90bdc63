/* One kernel each, for benchmarks: no system call while it runs (but for syscalls and threads), one 64-bit checksum at
 * the end. Where a kernel can check itself, a checksum of 0 says that it found itself wrong. */
#ifndef KERNELS_H
#define KERNELS_H

#include <stdint.h>
#include <string.h>

struct kernel {
  const char *name;
  unsigned repeat;                 /* default: one to two seconds under qemu-user */
  uint64_t (*run)(unsigned repeat); /* the checksum depends on the repeat count alone */
};

extern const struct kernel aes, atomics, bignum, callvm, chase, compression, coremark_like, crc32, dhrystone_like, fft, fib,
    json, libc_mem, lu, mandel, matmul_double, matmul_int, memcopy, nbody, queens, quicksort, sha256, sha512, sieve,
    spin_float, spmv, switchvm, syscalls, text_words, threads1, threads2, vcall;

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

/* Correctly rounded everywhere, and no call of a library. */
static inline double square_root(double value) {
#ifdef __riscv
  double result;
  __asm__("fsqrt.d %0, %1" : "=f"(result) : "f"(value));
  return result;
#else
  return __builtin_sqrt(value); /* the native twin that Perf builds, with -fno-math-errno */
#endif
}

#endif
