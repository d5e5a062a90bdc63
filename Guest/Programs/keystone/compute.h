/* A fixed amount of pure computation in integers and doubles, the same inside an enclave (eapp_compute) and
 * outside (linux-tests compute): both must print the same four values, whatever ran in between on the hart. */
#ifndef COMPUTE_H
#define COMPUTE_H

#include <stdint.h>

/* Primes below 50,000: 5133. */
static uint64_t count_primes(void) {
  enum { LIMIT = 50000 };
  static uint8_t composite[LIMIT];
  uint64_t count = 0;
  for (unsigned i = 0; i < LIMIT; i++) composite[i] = 0;
  for (unsigned i = 2; i < LIMIT; i++) {
    if (composite[i]) continue;
    count++;
    for (unsigned j = 2 * i; j < LIMIT; j += i) composite[j] = 1;
  }
  return count;
}

/* FNV-1a over a xorshift stream: shifts, xors and 64-bit multiplications in one dependent chain. */
static uint64_t hash_stream(unsigned rounds) {
  uint64_t x = 0x9e3779b97f4a7c15, hash = 0xcbf29ce484222325;
  for (unsigned i = 0; i < rounds; i++) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    for (unsigned byte = 0; byte < 8; byte++) {
      hash ^= (x >> (8 * byte)) & 0xff;
      hash *= 0x100000001b3;
    }
  }
  return hash;
}

/* Trace of the product of two 32 x 32 integer matrices. */
static uint64_t matrix_trace(void) {
  enum { N = 32 };
  static int32_t a[N][N], b[N][N];
  int64_t trace = 0;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      a[i][j] = i * 7 - j * 3;
      b[i][j] = i * j - 11;
    }
  for (int i = 0; i < N; i++)
    for (int k = 0; k < N; k++) trace += (int64_t)a[i][k] * b[k][i];
  return (uint64_t)trace;
}

/* Bits of a sum of square roots, quotients and fused products: any lost register, rounding mode or NaN shows.
 * The divisor 3 + i keeps every partial result inexact. */
static uint64_t double_bits(unsigned terms) {
  double sum = 0.0;
  for (unsigned i = 1; i <= terms; i++) {
    double x = (double)i;
    double root;
    __asm__("fsqrt.d %0, %1" : "=f"(root) : "f"(x));
    sum += root / (3.0 + x) - 1.0 / (x * x + 0.1);
    sum = __builtin_fma(sum, 1.0 - 1e-9, 1e-12);
  }
  union {
    double value;
    uint64_t bits;
  } out = {sum};
  return out.bits;
}

/* Calls `report` with each of the four values and returns a 31-bit digest of them. */
static long compute_all(void (*report)(uint64_t)) {
  const uint64_t values[] = {count_primes(), hash_stream(100000), matrix_trace(), double_bits(200000)};
  uint64_t digest = 0;
  for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
    report(values[i]);
    digest = (digest ^ values[i]) * 0x9e3779b97f4a7c15;
  }
  return (long)(digest >> 33);
}

#endif
