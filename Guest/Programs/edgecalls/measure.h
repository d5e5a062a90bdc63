/* One measurement of edge calls, the same code in the enclave and in the host program: whoever calls runs
 * measure_calls, whoever serves has measure_table. What is measured is between two marks. */
#ifndef MEASURE_H
#define MEASURE_H

#include "aec.h"

enum { F_WORK, F_MARK, F_REPORT, F_STOP, MEASURE_FUNCTIONS };

enum { MEASURE_LARGEST = 0x100000, MEASURE_BATCH = 256, MEASURE_BUCKETS = 2048, MEASURE_BUCKET_NS = 32 };

/* What the host program was told; the eapp asks for it word by word. */
struct measure {
  uint64_t direction; /* 0: the enclave calls, 1: the host calls */
  uint64_t backend;   /* enum aec_backend */
  uint64_t calls, payload, reply, batch;
  uint64_t cost;      /* turns of the handler's loop */
  uint64_t warmup;    /* calls before the first mark */
  uint64_t latency;   /* not 0: the time of each call is taken */
  uint64_t lanes;
  uint64_t log2_entries;
  uint64_t busy;      /* not 0: who serves works on something of its own, and is interrupted */
};
enum { MEASURE_WORDS = sizeof(struct measure) / 8 };

/* What the caller found out. Time in nanoseconds of the cycle CSR. */
struct measure_report {
  uint64_t ok, failed, first_error;
  uint64_t ns, instructions;
  uint64_t p50, p90, p99, p999, worst;
  uint64_t idle_turns, rings, sent, suppressed, sleeps, fallbacks;
};

struct measure_report measure_calls(struct aec_tx *lane, const struct measure *m);

/* Serves until *stop; turns of the server's own work, if it has any. */
uint64_t measure_serve(struct aec *e, const struct measure *m, const uint32_t *stop);

/* Bytes and turns of F_WORK; the mark is the embedder's. */
int32_t measure_work(struct aec_request *r);

static inline uint64_t measure_ns(void) {
  uint64_t t;
  __asm__ volatile("rdcycle %0" : "=r"(t));
  return t;
}
static inline uint64_t measure_instructions(void) {
  uint64_t t;
  __asm__ volatile("rdinstret %0" : "=r"(t));
  return t;
}

#endif
