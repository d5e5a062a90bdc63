/* What a freestanding eapp needs: runtime calls and a few of the host calls of keystone_abi.h. */
#ifndef EAPP_H
#define EAPP_H

#include <stddef.h>
#include <stdint.h>

#include "keystone_abi.h"

/* Its result is the enclave's return value. */
long eapp_main(void);

static inline long eapp_call(long number, long a, long b, long c, long d, long e) {
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a3 __asm__("a3") = d;
  register long a4 __asm__("a4") = e;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a7) : "memory");
  return a0;
}

/* 0 when the host served the call. At most `result_size` bytes of what it returned are in `result`. */
static inline long ocall(long id, const void *data, size_t size, void *result, size_t result_size) {
  return eapp_call(EAPP_OCALL, id, (long)data, (long)size, (long)result, (long)result_size);
}

static inline long copy_from_shared(void *to, uint64_t offset, size_t size) {
  return eapp_call(EAPP_SHAREDCOPY, (long)to, (long)offset, (long)size, 0, 0);
}

static inline size_t text_length(const char *text) {
  size_t n = 0;
  while (text[n]) n++;
  return n;
}

static inline void print(const char *text) {
  ocall(CALL_PRINT, text, text_length(text) + 1, NULL, 0);
}

static inline void print_value(uint64_t value) {
  ocall(CALL_PRINT_VALUE, &value, sizeof value, NULL, 0);
}

/* The index-th --arg of the host program, or `otherwise` when it was not given. */
static inline uint64_t argument(uint64_t index, uint64_t otherwise) {
  uint64_t value = 0;
  return ocall(CALL_GET_ARG, &index, sizeof index, &value, sizeof value) == 0 ? value : otherwise;
}

#endif
