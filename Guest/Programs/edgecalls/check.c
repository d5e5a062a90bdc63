#include "check.h"

#include <stdio.h>
#include <stdlib.h>

static uint32_t failures;

void wrong(const char *what, long a, long b) {
  if (__atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED) < 5) fprintf(stderr, "wrong: %s (%ld, %ld)\n", what, a, b);
}

int outcome(void) {
  if (failures == 0) puts("ok");
  return failures != 0;
}

uint64_t number(const char *text) { return strtoull(text, NULL, 0); }
