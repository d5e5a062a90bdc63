/* Doubly recursive Fibonacci: calls and returns, nothing else. */
#include "kernels.h"

static __attribute__((noinline, noclone, optimize("no-optimize-sibling-calls"))) uint64_t fibonacci(unsigned n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static uint64_t run(unsigned repeat) {
  uint64_t hash = 0;
  for (unsigned r = 0; r < repeat; r++) hash = mix(hash, fibonacci(27 + (r & 1)));
  return hash;
}

const struct kernel fib = {"fib", 60, run};
