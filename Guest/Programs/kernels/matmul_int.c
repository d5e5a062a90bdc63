/* 128 x 128 matrix product of 32-bit integers with 64-bit sums. */
#include "kernels.h"

enum { N = 128 };

static uint64_t run(unsigned repeat) {
  static int32_t a[N][N], b[N][N];
  static int64_t c[N][N];
  uint64_t seed = 2, hash = 0;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      a[i][j] = (int32_t)next_random(&seed);
      b[i][j] = (int32_t)next_random(&seed);
    }
  for (unsigned r = 0; r < repeat; r++) {
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) {
        int64_t sum = 0;
        for (int k = 0; k < N; k++) sum += (int64_t)a[i][k] * b[k][j] >> 8;
        c[i][j] = sum;
      }
    a[r % N][r % N] += (int32_t)c[(r + 1) % N][r % N]; /* each product depends on the one before */
    hash = mix(hash, (uint64_t)c[r % N][(r * 7) % N]);
  }
  return hash;
}

const struct kernel matmul_int = {"matmul_int", 120, run};
