/* Instructions of one call, by part, without waiting: both sides in one thread, one after the other.
 *
 *   aec-plain cost PAYLOAD BATCH
 *
 * Prints submit, serve, reap and their sum, each for one call in the long run: the library's instructions and the called
 * function's, without those of the loops here, which are counted with functions that do nothing and taken away. Needs an
 * exact instret (--exact-instret). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "plain.h"
#include "plain_region.h"

enum { ROUNDS = 200, LARGEST_BATCH = 64 };

static uint64_t now(void) {
  uint64_t n;
  __asm__ volatile("rdinstret %0" : "=r"(n));
  return n;
}

static int32_t nothing(struct aec_request *r) {
  (void)r;
  return AEC_OK;
}
static const struct aec_entry table[] = {{.function = nothing, .arg_max = 4096}};

/* The library, and what takes its place to count the loops: two instructions each. */
struct way {
  int (*submit)(struct aec_tx *t, const struct aec_submission *s, aec_ticket *ticket);
  void (*flush)(struct aec_tx *t);
  int (*serve)(struct aec_rx *r);
  int (*poll)(struct aec_tx *t);
  struct aec_result (*wait)(struct aec_tx *t, aec_ticket ticket, uint64_t deadline);
};
static const struct way library = {aec_submit, aec_flush, aec_serve_lane, aec_poll, aec_wait};
enum { IDLE_INSTRUCTIONS = 2 };
void cost_idle(void);
__asm__(".text\ncost_idle: li a0, 0\nret\n");
static const struct way idle = {(void *)cost_idle, (void *)cost_idle, (void *)cost_idle, (void *)cost_idle, (void *)cost_idle};

struct cost {
  uint64_t submit, serve, reap; /* of all rounds */
};

static int spend(const struct way *way, struct aec_tx *t, struct aec_rx *r, uint32_t payload, uint32_t batch, struct cost *cost) {
  static uint64_t arg[4096 / 8];
  static aec_ticket ticket[LARGEST_BATCH];
  struct aec_submission s = {.arg = arg, .arg_len = payload, .more = batch > 1};
  int errors = 0;
  uint64_t a = now();
  for (uint32_t i = 0; i < batch; i++) errors |= way->submit(t, &s, &ticket[i]);
  if (batch > 1) way->flush(t);
  uint64_t b = now();
  way->serve(r);
  uint64_t c = now();
  if (batch > 1) way->poll(t);
  for (uint32_t i = 0; i < batch; i++) errors |= way->wait(t, ticket[i], 0).status;
  uint64_t d = now();
  cost->submit += b - a;
  cost->serve += c - b;
  cost->reap += d - c;
  return errors;
}

int print_cost(int argc, char **argv) {
  if (argc != 3) return 2;
  uint32_t payload = (uint32_t)atoi(argv[1]), batch = (uint32_t)atoi(argv[2]);
  if (payload > 4096 || batch == 0 || batch > LARGEST_BATCH) return 2;
  static struct plain_region region;
  static struct plain_side enclave, host;
  plain_format(&region, 1 << 20, 1, 1, 7);
  plain_attach(&enclave, &region, AEC_ENCLAVE, AEC_ASYNC_POLL, NULL, &host);
  plain_attach(&host, &region, AEC_HOST, AEC_ASYNC_POLL, NULL, &enclave);
  aec_register(&host.aec, table, 1);
  struct cost all = {0}, loops = {0}, warm;
  for (int round = -ROUNDS; round < ROUNDS; round++)
    if (spend(&library, &enclave.aec.tx[0], &host.aec.rx[0], payload, batch, round < 0 ? &warm : &all)) return 1;
  for (int round = 0; round < ROUNDS; round++) spend(&idle, NULL, NULL, payload, batch, &loops);
  uint64_t calls = (uint64_t)ROUNDS * batch, many = batch > 1;
  uint64_t submit = all.submit - loops.submit + ROUNDS * IDLE_INSTRUCTIONS * (batch + many);
  uint64_t serve = all.serve - loops.serve + ROUNDS * IDLE_INSTRUCTIONS;
  uint64_t reap = all.reap - loops.reap + ROUNDS * IDLE_INSTRUCTIONS * (batch + many);
  printf("submit=%" PRIu64 "\nserve=%" PRIu64 "\nreap=%" PRIu64 "\ncall=%" PRIu64 "\n", submit / calls, serve / calls, reap / calls,
         (submit + serve + reap) / calls);
  return 0;
}
