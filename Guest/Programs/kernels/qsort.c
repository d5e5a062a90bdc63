/* Hand-written quicksort of 100,000 integers with insertion sort for short ranges: unpredictable branches. */
#include "kernels.h"

enum { SIZE = 100000, SHORT = 12 };

static void insertion_sort(int64_t *low, int64_t *high) {
  for (int64_t *i = low + 1; i <= high; i++) {
    int64_t value = *i, *hole = i;
    for (; hole > low && hole[-1] > value; hole--) *hole = hole[-1];
    *hole = value;
  }
}

static void sort(int64_t *low, int64_t *high) {
  while (high - low > SHORT) {
    int64_t pivot = low[(high - low) / 2], *i = low, *j = high;
    while (i <= j) {
      while (*i < pivot) i++;
      while (*j > pivot) j--;
      if (i > j) break;
      int64_t swap = *i;
      *i++ = *j;
      *j-- = swap;
    }
    /* Recurse into the shorter part, go on with the longer: bounded stack. */
    if (j - low < high - i) sort(low, j), low = i;
    else sort(i, high), high = j;
  }
  insertion_sort(low, high);
}

static uint64_t run(unsigned repeat) {
  static int64_t data[SIZE];
  uint64_t seed = 4, hash = 0;
  for (unsigned r = 0; r < repeat; r++) {
    for (int i = 0; i < SIZE; i++) data[i] = (int64_t)next_random(&seed);
    sort(data, data + SIZE - 1);
    for (int i = 1; i < SIZE; i++)
      if (data[i - 1] > data[i]) return 0; /* not sorted */
    hash = mix(hash, (uint64_t)data[SIZE / 3]);
  }
  return hash;
}

const struct kernel quicksort = {"qsort", 70, run};
