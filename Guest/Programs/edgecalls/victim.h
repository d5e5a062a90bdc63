/* A side of a region that calls and serves at random, and what must hold for it whatever the other side says: every call has
 * one outcome, a status that there is, and no more result than asked for; handlers see private arguments that stay as they
 * are, and results of their own zone; memory comes back; nothing is written after the end. When the other side is one of
 * these, too, every call that is answered was served once, in its turn, with its own argument, and the answer is its own. */
#ifndef VICTIM_H
#define VICTIM_H

#include "aec.h"

enum { VICTIM_LANES = 2, VICTIM_CALLERS = 2, VICTIM_CAP = 256, VICTIM_ROWS = 6, VICTIM_LOG2 = 4, VICTIM_TURNS = 160 };

struct victim;

struct victim_tally {
  uint64_t calls, ok, failed, canceled, timeouts, gone; /* outcomes */
  uint64_t ran;                                         /* calls of the other side that were served */
  uint64_t stale, late, rejected;                       /* of the lanes */
};

struct victim_caller {
  struct victim *v;
  uint32_t first, lanes; /* of the endpoint */
  uint64_t seed, id;
  struct victim_tally tally;
};

struct victim {
  struct aec *aec;
  int honest;          /* the other side is a victim, too */
  uint64_t turns;      /* batches on each lane; 0: until it is torn down */
  struct victim_caller caller[VICTIM_CALLERS];
  uint32_t calling;    /* callers with an open lane */
  uint64_t ran, last[VICTIM_LANES]; /* served, and the last of each lane */
};

/* Limits for an endpoint, of one thread or several. */
struct aec_limits victim_limits(int one_thread);

/* Fills VICTIM_ROWS rows. */
void victim_fill(struct aec_entry *table, struct victim *v);

/* Before the callers start; `aec` is attached. */
void victim_begin(struct victim *v, struct aec *aec, int honest, uint64_t turns, unsigned callers, uint64_t *seed);

/* One caller's part, on its own thread; an endpoint of one thread serves meanwhile. */
void victim_call(struct victim_caller *c);

/* After the end, when no thread uses the endpoint any more: all must be settled. */
struct victim_tally victim_settle(struct victim *v);

/* Adds b to a. */
void victim_add(struct victim_tally *a, const struct victim_tally *b);

/* Of calls in one direction, both sides honest: none was served twice, none answered without having been served. */
void victim_compare(const struct victim_tally *caller, const struct victim_tally *server);

#endif
