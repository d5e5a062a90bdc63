/* The library in a host program, over /dev/keystone_enclave. */
#ifndef AEC_HOST_H
#define AEC_HOST_H

#include "aec.h"

struct aec_host;
typedef void aec_other_call(struct aec_host *h, void *context);

struct aec_host {
  int device;      /* an open file of /dev/keystone_enclave */
  uint64_t eid;    /* of CREATE */
  uint8_t *utm;    /* as mapped after FINALIZE */
  size_t utm_len;
  struct aec aec;
  struct aec_port port;
  void *memory;
  /* With one thread: who serves Keystone's calls in the enclave's turns; whether it ended in one, how, and its value. */
  aec_other_call *other;
  void *other_context;
  int over, outcome;
  uint64_t value;
  int one_thread;  /* set before setup: the thread that runs the enclave is the only one, as with a single hart (below) */
  int entered;     /* the enclave waits: in aec_eapp_serve_sync, or with one thread for its turn */
};

/* After FINALIZE and mmap of the UTM (at least 128 KiB), before RUN. Lanes for OCALLs and for ECALLs, 2^log2 entries each. */
int aec_host_setup(struct aec_host *h, unsigned ocall_lanes, unsigned ecall_lanes, unsigned log2_entries,
                   enum aec_backend backend, const struct aec_limits *limits);

/* The thread that runs the enclave: RUN, then RESUME for each interruption and each synchronous call, which it serves
 * from the registered table. `other`, if not NULL, serves calls of other ids (Keystone's own). Returns 0 and the
 * enclave's value, or a negative errno, or a monitor's error (positive). */
int aec_host_run(struct aec_host *h, uint64_t *value, aec_other_call *other, void *context);

/* Synchronous ECALLs: only from the thread that runs the enclave, whose eapp is in aec_eapp_serve_sync. Enter first
 * (RUN up to the first request for work), then call, then leave with aec_host_run. */
/* With one thread every backend but AEC_SYNC takes turns on the rings: who waits, or has nothing to serve, lets the other side
 * run, by eight privilege transitions there and back. Serving is done in aec_host_run and while waiting; for ECALLs enter
 * first, here too. A host's timer interrupt is a turn as well, so an enclave that never waits does not starve. */
int aec_host_enter(struct aec_host *h, aec_other_call *other, void *context);

/* Everybody who waits hears AEC_E_GONE; the enclave's thread returns from aec_host_run. */
void aec_host_teardown(struct aec_host *h);
void aec_host_free(struct aec_host *h);

/* Privilege transitions of all harts. */
int aec_host_counters(struct aec_host *h, struct aec_counters *counters);

#endif
