/* The other side of a region, hostile: it answers and calls fluently, lies in what it says, and scribbles meanwhile over
 * every word that it can write. */
#ifndef HOSTILE_PEER_H
#define HOSTILE_PEER_H

#include "plain_region.h"

enum { PEER_HISTORY = 64 };

struct peer {
  pthread_t thread;
  struct plain_side side; /* for the places of things only: none of the library's code runs here */
  uint64_t seed;
  uint32_t noise;                 /* of 65536 turns, how many scribble */
  uint64_t cookie[PEER_HISTORY];  /* of calls that it has seen */
  uint64_t answered, called, scribbled;
  uint32_t stop;
};

void peer_start(struct peer *p, struct plain_region *r, enum aec_role role, enum aec_backend backend, uint64_t seed, uint32_t noise);
void peer_stop(struct peer *p);

#endif
