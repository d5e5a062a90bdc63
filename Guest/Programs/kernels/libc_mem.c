/* The C library's memory and string functions on pieces of every size: mostly short ones, as programs ask for. */
#include "kernels.h"

enum { SIZE = 64 * 1024, CALLS = 256 };

/* Where and how much; made once, so that choosing costs nothing while it runs. */
struct piece {
  uint32_t from, to, length;
};

static uint64_t run(unsigned repeat) {
  static uint8_t a[SIZE + 1], b[SIZE + 1];
  static struct piece pieces[CALLS];
  uint64_t seed = 10, hash = 0;
  for (int i = 0; i < SIZE; i++) a[i] = (uint8_t)(next_random(&seed) | 1);
  memset(b, 3, SIZE);
  for (int i = 0; i < CALLS; i++) {
    uint64_t random = next_random(&seed);
    static const uint32_t limits[] = {16, 64, 64, 256, 256, 1024, 4096, 16384};
    pieces[i].length = 1 + (uint32_t)(random >> 8) % limits[random & 7];
    pieces[i].from = (uint32_t)(random >> 24) % (SIZE - pieces[i].length);
    pieces[i].to = (uint32_t)(random >> 44) % (SIZE - pieces[i].length);
  }
  for (unsigned r = 0; r < repeat; r++) {
    for (int i = 0; i < CALLS; i++) {
      const struct piece *p = &pieces[(i + r) % CALLS];
      memcpy(b + p->to, a + p->from, p->length);
      b[p->to] = (uint8_t)(r | 1);
      memmove(b + p->from / 2, b + p->to, p->length);
      int order = memcmp(a + p->from, b + p->from / 2, p->length);
      const uint8_t *found = memchr(b + p->to, 0x5b, p->length);
      uint8_t kept = b[p->to + p->length];
      b[p->to + p->length] = 0;
      size_t length = strlen((char *)b + p->to);
      b[p->to + p->length] = kept;
      memset(b + p->from, (int)(length | 1), p->length / 2);
      hash += (uint64_t)(order > 0) + length + (found ? (uint64_t)(found - b) : 1);
    }
    hash = mix(hash, b[r % SIZE]);
  }
  return hash;
}

const struct kernel libc_mem = {"libc_mem", 2000, run};
