/* 120 x 120 matrix product in double precision, in the order that walks along rows. */
#include "kernels.h"

enum { N = 120 };

static uint64_t run(unsigned repeat) {
  static double a[N][N], b[N][N], c[N][N];
  uint64_t seed = 14, hash = 0;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      a[i][j] = (double)(next_random(&seed) >> 40) * 0x1p-24 - 0.5;
      b[i][j] = (double)(next_random(&seed) >> 40) * 0x1p-24 - 0.5;
    }
  for (unsigned r = 0; r < repeat; r++) {
    memset(c, 0, sizeof c);
    for (int i = 0; i < N; i++)
      for (int k = 0; k < N; k++) {
        double factor = a[i][k];
        for (int j = 0; j < N; j++) c[i][j] += factor * b[k][j];
      }
    a[r % N][r * 7 % N] = c[r * 11 % N][r % N] * 0.125; /* each product depends on the one before */
    hash = mix(hash, bits_of(c[r % N][r * 3 % N]));
  }
  return hash;
}

const struct kernel matmul_double = {"matmul_double", 50, run};
