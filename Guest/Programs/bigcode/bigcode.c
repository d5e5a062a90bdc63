/* bigcode [ROUNDS]: 2048 functions, no two alike, each called once a round (3 rounds by default). Nothing is hot: what
 * is measured is reaching code for the first time. Prints "bigcode ROUNDS CHECKSUM". */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t table[256];

/* N is a constant in each copy: its bits choose shape, constants and what is called. */
#define CONSTANT(N, K) (((N) * 0x9e3779b97f4a7c15 + (K)) * 0xbf58476d1ce4e5b9)
#define BODY(N)                                                                                    \
  static __attribute__((noinline, noclone)) uint64_t f##N(uint64_t x, uint64_t y) {                \
    enum { n = 01##N - 010000 };                                                                   \
    x ^= CONSTANT(n, 1) >> 40;                                                                     \
    if (x & (1u << n % 13)) x += y >> (1 + n % 7);                                                 \
    else y -= table[(x + n) & 255];                                                                \
    if (n & 1)                                                                                     \
      for (unsigned i = 0; i < 2 + n % 3; i++) x = (x << 5 | x >> 59) + table[(y >> i * 8) & 255]; \
    if (n & 2) table[(y + n / 3) & 255] ^= x * (2 * n + 1);                                        \
    if (n & 4) y = y % (n + 3) * 17 + x;                                                           \
    switch (y & 3) {                                                                               \
      case 0: x += CONSTANT(n, 2) >> 36; break;                                                    \
      case 1: x -= y << n % 11; break;                                                             \
      case 2: y ^= table[n & 255]; break;                                                          \
      default: x = ~x;                                                                             \
    }                                                                                              \
    if (n & 8) x ^= helpers[n / 16 % 8](y + n);                                                    \
    return x + (y ^ CONSTANT(n, 3) >> 44);                                                         \
  }

static __attribute__((noinline)) uint64_t h0(uint64_t x) { return x * 3; }
static __attribute__((noinline)) uint64_t h1(uint64_t x) { return x ^ x >> 7; }
static __attribute__((noinline)) uint64_t h2(uint64_t x) { return x + table[x & 255]; }
static __attribute__((noinline)) uint64_t h3(uint64_t x) { return x / 7; }
static __attribute__((noinline)) uint64_t h4(uint64_t x) { return x << 9 | x >> 55; }
static __attribute__((noinline)) uint64_t h5(uint64_t x) { return ~x; }
static __attribute__((noinline)) uint64_t h6(uint64_t x) { return x & 1 ? x + 1 : x >> 1; }
static __attribute__((noinline)) uint64_t h7(uint64_t x) { return table[x >> 56] - x; }
static uint64_t (*const volatile helpers[8])(uint64_t) = {h0, h1, h2, h3, h4, h5, h6, h7};

/* Octal digits: 0000 to 3777. */
#define EIGHT(M, P) M(P##0) M(P##1) M(P##2) M(P##3) M(P##4) M(P##5) M(P##6) M(P##7)
#define EIGHT2(M, P) EIGHT(M, P##0) EIGHT(M, P##1) EIGHT(M, P##2) EIGHT(M, P##3) EIGHT(M, P##4) EIGHT(M, P##5) EIGHT(M, P##6) EIGHT(M, P##7)
#define EIGHT3(M, P) EIGHT2(M, P##0) EIGHT2(M, P##1) EIGHT2(M, P##2) EIGHT2(M, P##3) EIGHT2(M, P##4) EIGHT2(M, P##5) EIGHT2(M, P##6) EIGHT2(M, P##7)
#define EVERY(M) EIGHT3(M, 0) EIGHT3(M, 1) EIGHT3(M, 2) EIGHT3(M, 3)

EVERY(BODY)

#define NAME(N) f##N,
static uint64_t (*const functions[])(uint64_t, uint64_t) = {EVERY(NAME)};
enum { COUNT = sizeof functions / sizeof *functions };

int main(int argc, char **argv) {
  unsigned long rounds = 3;
  if (argc > 1) {
    char *end;
    errno = 0;
    rounds = strtoul(argv[1], &end, 10);
    if (argc > 2 || errno || *end || rounds == 0 || rounds > 1000000) {
      fprintf(stderr, "usage: bigcode [ROUNDS]\n");
      return 2;
    }
  }
  uint64_t x = 1, y = 2;
  for (int i = 0; i < 256; i++) table[i] = (uint64_t)i * 0x0101010101010101;
  for (unsigned long r = 0; r < rounds; r++)
    for (unsigned i = 0; i < COUNT; i++) {
      uint64_t next = functions[(i * 1367 + r) % COUNT](x, y);
      y = x + r;
      x = next;
    }
  printf("bigcode %lu %016" PRIx64 "\n", rounds, x ^ y);
  return 0;
}
