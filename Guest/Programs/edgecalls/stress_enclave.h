/* What host-stress and eapp-stress agree on. */
#ifndef STRESS_ENCLAVE_H
#define STRESS_ENCLAVE_H

#include "victim.h"

/* What the eapp is told, word by word (CALL_GET_ARG). */
struct stress_order {
  uint64_t hostile;         /* the eapp is the hostile side */
  uint64_t honest;          /* neither side is */
  uint64_t turns;           /* of victim_begin */
  uint64_t backend, seed;
  uint64_t noise;           /* of a hostile eapp */
};

/* What it tells (CALL_KEEP): once when its calls are done and it serves on, once after the end of the region. */
struct stress_report {
  uint64_t over;
  struct victim_tally tally;
  uint64_t answered, called, scribbled;
  uint64_t violations;
  int64_t a, b; /* of the first */
  char what[64];
};

#endif
