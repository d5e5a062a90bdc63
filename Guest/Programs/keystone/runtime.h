/* Shared between the runtime's own files. */
#ifndef RUNTIME_H
#define RUNTIME_H

#include "supervisor.h"

extern uint64_t shared_size; /* bytes of the shared buffer; a region of edge calls, if there is one, is as long */

/* Copies from and to the eapp, wholly below USER_LIMIT: 0, or 1 when it may not. */
int is_user(uint64_t address, uint64_t bytes);
int copy_out(uint64_t to, uint64_t from, uint64_t bytes);

/* ---- page_tables.c ---- */

/* Maps a region at REGION_VA, once: 0, or 1 when something lies there. */
int map_region(uint64_t physical, uint64_t bytes);

/* Takes the right to write whole pages from the eapp: 0, or 1 when not all of them are its own. */
int protect(uint64_t address, uint64_t bytes);

/* ---- sha3.c ---- */

enum { SHA3_512_BYTES = 64 };
void sha3_512(uint64_t hash[SHA3_512_BYTES / 8], const uint64_t *message, uint64_t words);

/* ---- asynchronous.c: calls AEC_EYRIE_* of an eapp (docs/abi/edge-calls.md), but for the fallback ---- */

long attach_region(uint64_t answer);
long seal_table(uint64_t table, uint64_t bytes);
long visit_door(uint64_t what, uint64_t microseconds);
long receive_interrupts(uint64_t vector);

#endif
