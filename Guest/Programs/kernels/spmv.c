/* Sparse matrix times vector, rows compressed: 4000 x 4000 with 5 to 20 entries a row; gathers through an index. */
#include "kernels.h"

enum { N = 4000, MOST = 20 };

static uint64_t run(unsigned repeat) {
  static double value[N * MOST], x[N], y[N];
  static int32_t column[N * MOST], start[N + 1];
  uint64_t seed = 15;
  int32_t used = 0;
  for (int i = 0; i < N; i++) {
    start[i] = used;
    x[i] = 1.0 + i % 7;
    for (int n = 5 + (int)(next_random(&seed) % (MOST - 4)); n > 0; n--) {
      value[used] = (double)(next_random(&seed) >> 44) * 0x1p-20 - 0.4375;
      column[used++] = (int32_t)(next_random(&seed) % N);
    }
  }
  start[N] = used;
  for (unsigned r = 0; r < repeat; r++) {
    double largest = 0;
    for (int i = 0; i < N; i++) {
      double sum = 0;
      for (int32_t k = start[i]; k < start[i + 1]; k++) sum += value[k] * x[column[k]];
      y[i] = sum;
      if (sum > largest) largest = sum;
      if (-sum > largest) largest = -sum;
    }
    double scale = 1.0 / largest;
    for (int i = 0; i < N; i++) x[i] = y[i] * scale + 0x1p-10;
  }
  uint64_t hash = 0;
  for (int i = 0; i < N; i += 13) hash = mix(hash, bits_of(x[i]));
  return hash;
}

const struct kernel spmv = {"spmv", 1200, run};
