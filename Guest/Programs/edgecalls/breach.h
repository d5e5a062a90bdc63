/* What the attacks of aec-breach share. */
#ifndef BREACH_H
#define BREACH_H

#include "plain_region.h"

#define SECRET 0x5ec12e75ec12e75eul
enum { FREE_BIT = 1, LANES = 2, PUBLIC = 4, RECORD = 16 };

extern int guarded;
extern struct plain_side victim, attacker;
extern uint64_t record[RECORD]; /* PUBLIC words that anybody may read; secrets behind them */

/* Prints the line of an attack; its result. */
int verdict(int breached, const char *what);

/* A new region with two new sides; the victim serves the table. */
void open_region(const struct aec_entry *table, uint32_t entries);

/* The attacker's hands: an entry as it likes it; one that is served at once, and what came back. */
void post_call(unsigned lane, struct aec_sqe s);
struct aec_cqe call(struct aec_sqe s);
int holds_secret(const struct aec_cqe *c);

/* breach_race.c */
int double_fetch_race(void);
int concurrent_race(void);
int use_after_free_race(void);
int payments_race(void);

#endif
