/* Atomic operations of C11 in one thread: additions, exchanges, compare-and-exchange, bit operations, both widths. */
#include <stdatomic.h>

#include "kernels.h"

static uint64_t run(unsigned repeat) {
  static _Atomic uint64_t sum, bits, last, largest;
  static _Atomic uint32_t word;
  static atomic_flag lock = ATOMIC_FLAG_INIT;
  uint64_t seed = 18, hash = 0, guarded = 0;
  for (unsigned r = 0; r < repeat; r++) {
    for (int i = 0; i < 10000; i++) {
      uint64_t value = next_random(&seed);
      hash += atomic_fetch_add_explicit(&sum, value, memory_order_relaxed);
      hash ^= atomic_exchange_explicit(&last, value, memory_order_acq_rel);
      atomic_fetch_or_explicit(&bits, value & 0xff, memory_order_release);
      atomic_fetch_and(&bits, ~(value >> 8));
      atomic_fetch_xor(&word, (uint32_t)value);
      uint64_t seen = atomic_load(&largest);
      while (value > seen && !atomic_compare_exchange_weak(&largest, &seen, value)) {}
      while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire)) {}
      guarded = guarded * 3 + value;
      atomic_flag_clear_explicit(&lock, memory_order_release);
    }
    atomic_store(&largest, r);
    hash = mix(hash, sum + bits + word + guarded);
  }
  return hash;
}

const struct kernel atomics = {"atomics", 3000, run};
