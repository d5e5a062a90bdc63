/* Sieve of Eratosthenes below 2,000,000 in bytes: strided stores. */
#include "kernels.h"

enum { LIMIT = 2000000 };

static uint64_t run(unsigned repeat) {
  static uint8_t composite[LIMIT];
  uint64_t hash = 0;
  for (unsigned r = 0; r < repeat; r++) {
    uint64_t count = 0;
    memset(composite, 0, sizeof composite);
    for (unsigned i = 2; i < LIMIT; i++) {
      if (composite[i]) continue;
      count++;
      for (uint64_t j = (uint64_t)i * i; j < LIMIT; j += i) composite[j] = 1;
    }
    hash = mix(hash, count + r);
  }
  return hash;
}

const struct kernel sieve = {"sieve", 60, run};
