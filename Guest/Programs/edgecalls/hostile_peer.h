/* The other side of a region, hostile: it answers and calls fluently, lies in what it says, and scribbles meanwhile over
 * every word that it can write. */
#ifndef HOSTILE_PEER_H
#define HOSTILE_PEER_H

#include "aec.h"

enum { PEER_HISTORY = 64 };

struct peer {
  struct aec *e;                  /* for the places of things, and the door: none of the library's code runs on the rings */
  uint32_t first, lanes;          /* that it answers and calls on; it scribbles on all */
  uint64_t seed;
  uint32_t noise;                 /* of 65536 turns, how many scribble */
  uint64_t cookie[PEER_HISTORY];  /* of calls that it has seen */
  uint64_t answered, called, scribbled;
  uint32_t stop, while_live;      /* it ends when told, or with the region */
};

void peer_misbehave(struct peer *p);

#endif
