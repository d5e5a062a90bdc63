/* Both sides of a region inside one plain Linux process: for stress and model checking, which need no enclave. */
#ifndef PLAIN_REGION_H
#define PLAIN_REGION_H

#include <pthread.h>

#include "aec.h"

struct plain_door {
  pthread_mutex_t lock;
  pthread_cond_t rung;
  uint64_t rings;
};

/* One memory, mapped three times, each time between two pages that nobody may touch. */
struct plain_region {
  uint8_t *memory;  /* as the security monitor sees it */
  uint8_t *side[2]; /* as a role sees it: it can write its own zones only */
  size_t len;
  struct plain_door door[2]; /* of each role: what wakes its sleepers */
};

struct aec_header *plain_header(struct plain_region *r);

/* What the security monitor does for an enclave. */
void plain_format(struct plain_region *r, size_t len, uint16_t n_osq, uint16_t n_esq, uint16_t log2_entries);
void plain_renew(struct plain_region *r); /* empty and live again, one generation later; nobody is attached */
void plain_free(struct plain_region *r);

/* A side of it. Its private memory stands between guards, too. */
struct plain_side {
  struct plain_region *region;
  struct plain_side *other;
  struct aec aec;
  struct aec_port port;
  void *memory;
  size_t memory_len;
};
void plain_attach(struct plain_side *s, struct plain_region *r, enum aec_role role, enum aec_backend backend,
                  const struct aec_limits *limits, struct plain_side *other);
void plain_detach(struct plain_side *s);

/* Wakes the sleepers of a role. */
void plain_ring(struct plain_region *r, enum aec_role role);

/* The region is over: callers and sleepers find out. */
void plain_tear_down(struct plain_region *r);

#endif
