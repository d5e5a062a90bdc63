/* Instructions of one call, by part, without waiting: both sides in one thread, one after the other.
 *
 *   aec-plain cost PAYLOAD BATCH
 *
 * Prints submit, serve, reap and their sum, each for one call in the long run. Needs an exact instret (--exact-instret). */
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

int print_cost(int argc, char **argv) {
  static uint64_t arg[4096 / 8];
  static aec_ticket ticket[LARGEST_BATCH];
  if (argc != 3) return 2;
  uint32_t payload = (uint32_t)atoi(argv[1]), batch = (uint32_t)atoi(argv[2]);
  if (payload > sizeof arg || batch == 0 || batch > LARGEST_BATCH) return 2;
  static struct plain_region region;
  static struct plain_side enclave, host;
  plain_format(&region, 1 << 20, 1, 1, 7);
  plain_attach(&enclave, &region, AEC_ENCLAVE, AEC_ASYNC_POLL, NULL, &host);
  plain_attach(&host, &region, AEC_HOST, AEC_ASYNC_POLL, NULL, &enclave);
  aec_register(&host.aec, table, 1);
  uint64_t spent[3] = {0};
  for (int round = -ROUNDS; round < ROUNDS; round++) {
    struct aec_tx *t = &enclave.aec.tx[0];
    struct aec_submission s = {.arg = arg, .arg_len = payload, .more = 1};
    struct aec_result result;
    uint64_t a = now();
    for (uint32_t i = 0; i < batch; i++)
      if (aec_submit(t, &s, &ticket[i])) return 1;
    aec_flush(t);
    uint64_t b = now();
    if (aec_serve_lane(&host.aec.rx[0]) != (int)batch) return 1;
    uint64_t c = now();
    if (aec_poll(t) != (int)batch) return 1;
    for (uint32_t i = 0; i < batch; i++)
      if (aec_take(t, ticket[i], &result) || result.status) return 1;
    uint64_t d = now();
    if (round < 0) continue;
    spent[0] += b - a;
    spent[1] += c - b;
    spent[2] += d - c;
  }
  uint64_t calls = (uint64_t)ROUNDS * batch;
  printf("submit=%" PRIu64 "\nserve=%" PRIu64 "\nreap=%" PRIu64 "\ncall=%" PRIu64 "\n", spent[0] / calls, spent[1] / calls, spent[2] / calls,
         (spent[0] + spent[1] + spent[2]) / calls);
  return 0;
}
