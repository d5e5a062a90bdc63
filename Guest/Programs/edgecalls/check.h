/* What the checking parts of aec-plain share. */
#ifndef CHECK_H
#define CHECK_H

#include <stdint.h>

/* Something that must not be; the first few are told on stderr. Any thread. */
void wrong(const char *what, long a, long b);

/* Exit code; prints "ok" when nothing was wrong. */
int outcome(void);

/* A number on the command line. */
uint64_t number(const char *text);

/* Pseudo-random, xorshift64; a seed is not 0. */
static inline uint64_t next(uint64_t *x) {
  *x ^= *x << 13;
  *x ^= *x >> 7;
  return *x ^= *x << 17;
}

#endif
