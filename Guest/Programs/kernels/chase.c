/* Pointer chasing: one cycle through 4 MiB of nodes, a cache line each, in random order. Every load waits for the one
 * before it. */
#include "kernels.h"

enum { NODES = 1 << 16 };

struct node {
  struct node *next;
  uint64_t value;
  uint8_t rest[48];
};

static uint64_t run(unsigned repeat) {
  static struct node nodes[NODES];
  static uint32_t order[NODES];
  uint64_t seed = 8, sum = 0;
  for (uint32_t i = 0; i < NODES; i++) order[i] = i;
  for (uint32_t i = NODES - 1; i > 0; i--) {
    uint32_t j = (uint32_t)(next_random(&seed) % (i + 1)), swap = order[i];
    order[i] = order[j];
    order[j] = swap;
  }
  for (uint32_t i = 0; i < NODES; i++) {
    nodes[order[i]].next = &nodes[order[(i + 1) % NODES]];
    nodes[order[i]].value = i;
  }
  struct node *at = nodes;
  for (unsigned r = 0; r < repeat; r++) {
    for (int i = 0; i < NODES; i++) {
      sum = sum * 3 + at->value;
      at = at->next;
    }
    at = at->next; /* the next round begins one further on */
  }
  return mix(sum, at->value);
}

const struct kernel chase = {"chase", 120, run};
