/* Linear equations of 60 unknowns by elimination with pivots: divisions, comparisons and rows that change places. */
#include "kernels.h"

enum { N = 60 };

static uint64_t run(unsigned repeat) {
  static double matrix[N][N], a[N][N], b[N];
  uint64_t seed = 17, hash = 0;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) matrix[i][j] = (double)(next_random(&seed) >> 40) * 0x1p-23 - 1.0;
  for (unsigned r = 0; r < repeat; r++) {
    memcpy(a, matrix, sizeof a);
    for (int i = 0; i < N; i++) b[i] = 1.0 + ((unsigned)i + r) % 5;
    for (int k = 0; k < N; k++) {
      int pivot = k;
      for (int i = k + 1; i < N; i++)
        if (__builtin_fabs(a[i][k]) > __builtin_fabs(a[pivot][k])) pivot = i;
      for (int j = k; pivot != k && j < N; j++) {
        double swap = a[k][j];
        a[k][j] = a[pivot][j];
        a[pivot][j] = swap;
      }
      double swap = b[k];
      b[k] = b[pivot];
      b[pivot] = swap;
      for (int i = k + 1; i < N; i++) {
        double factor = a[i][k] / a[k][k];
        for (int j = k + 1; j < N; j++) a[i][j] -= factor * a[k][j];
        b[i] -= factor * b[k];
      }
    }
    for (int i = N - 1; i >= 0; i--) {
      double sum = b[i];
      for (int j = i + 1; j < N; j++) sum -= a[i][j] * b[j];
      b[i] = sum / a[i][i];
    }
    matrix[r % N][r * 7 % N] += b[r % N] * 0x1p-12; /* each solution depends on the one before */
    hash = mix(hash, bits_of(b[r * 3 % N]));
  }
  return hash;
}

const struct kernel lu = {"lu", 1000, run};
