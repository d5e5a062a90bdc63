/* One side of a region (victim.h) against a hostile other side (hostile_peer.h), in one process.
 *
 *   aec-plain hostile CALLS HARTS SEED    HARTS: 2 (one that calls and serves), 3 (one each), 4 (two that call); one is the peer's
 *
 * Rounds of calls in both directions, with random cancels, deadlines, backends; half of them are torn down in the middle.
 * Nothing outside is touched (guard pages, directions of each side's mapping, canaries); nobody waits for ever (the alarm). */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "hostile_peer.h"
#include "plain.h"
#include "plain_region.h"
#include "victim.h"

enum { HANG = 300 };

static void *call(void *caller) {
  victim_call(caller);
  return NULL;
}

static void *serve(void *aec) {
  aec_serve_forever(aec, NULL);
  return NULL;
}

static void *misbehave(void *peer) {
  peer_misbehave(peer);
  return NULL;
}

static struct victim_tally all;
static uint64_t rounds, answered, called, scribbled;

static void round_of(struct plain_region *region, unsigned harts, uint64_t *seed) {
  static const enum aec_backend backends[] = {AEC_ASYNC_POLL, AEC_ASYNC_ADAPTIVE, AEC_ASYNC_POLL, AEC_SPIN};
  static const uint32_t noises[] = {0, 16, 256, 16384};
  static struct victim v;
  static struct plain_side mine, other;
  uint64_t x = next(seed);
  enum aec_role role = x & 1 ? AEC_HOST : AEC_ENCLAVE;
  enum aec_backend backend = backends[(x >> 1) % 4];
  int alone = harts == 2;
  unsigned callers = harts == 4 ? 2 : 1;
  const struct aec_limits limits = victim_limits(alone);
  struct aec_entry table[VICTIM_ROWS];
  pthread_t server, hostile, caller[VICTIM_CALLERS];
  victim_fill(table, &v);
  plain_renew(region);
  struct aec_header header = *plain_header(region);
  plain_attach(&mine, region, role, backend, &limits, NULL);
  plain_attach(&other, region, (enum aec_role)!role, backend, NULL, NULL);
  aec_register(&mine.aec, table, VICTIM_ROWS);
  victim_begin(&v, &mine.aec, 0, (x >> 4) % 2 || backend == AEC_SPIN ? 0 : VICTIM_TURNS, callers, seed);
  struct peer peer = {.e = &other.aec, .lanes = VICTIM_LANES, .seed = next(seed), .noise = noises[(x >> 8) % 4]};
  pthread_create(&hostile, NULL, misbehave, &peer);

  if (!alone) pthread_create(&server, NULL, serve, &mine.aec);
  for (unsigned i = 0; i < callers; i++) pthread_create(&caller[i], NULL, call, &v.caller[i]);
  if (v.turns == 0) {
    for (uint64_t turns = next(seed) % 100; turns && __atomic_load_n(&v.calling, __ATOMIC_RELAXED); turns--) usleep(500);
    plain_tear_down(region);
  }
  for (unsigned i = 0; i < callers; i++) pthread_join(caller[i], NULL);
  plain_tear_down(region);
  if (!alone) pthread_join(server, NULL);
  struct victim_tally tally = victim_settle(&v);
  victim_add(&all, &tally);
  __atomic_store_n(&peer.stop, 1, __ATOMIC_RELAXED);
  pthread_join(hostile, NULL);
  rounds++, answered += peer.answered, called += peer.called, scribbled += peer.scribbled;
  header.state = AEC_DRAIN;
  if (memcmp(&header, plain_header(region), sizeof header)) wrong("the header", 0, 0);
  plain_detach(&mine);
  plain_detach(&other);
}

int run_hostile(int argc, char **argv) {
  if (argc != 4 || number(argv[2]) < 2 || number(argv[2]) > 4) return 2;
  struct plain_region region;
  uint64_t seed = number(argv[3]) * 0x9e3779b97f4a7c15u | 1;
  plain_format(&region, 1 << 17, VICTIM_LANES, VICTIM_LANES, VICTIM_LOG2);
  while (all.calls + all.ran < number(argv[1])) {
    alarm(HANG);
    round_of(&region, (unsigned)number(argv[2]), &seed);
  }
  plain_free(&region);
  fprintf(stderr, "rounds %" PRIu64 ": calls %" PRIu64 " (ok %" PRIu64 ", canceled %" PRIu64 ", closed or gone %" PRIu64 ", timed out %" PRIu64 "), served %" PRIu64 "\n",
          rounds, all.calls, all.ok, all.canceled, all.gone, all.timeouts, all.ran);
  fprintf(stderr, "peer: answered %" PRIu64 ", called %" PRIu64 ", scribbled %" PRIu64 "; completions stale %" PRIu64 ", late %" PRIu64 ", lanes closed for cause %" PRIu64 "\n",
          answered, called, scribbled, all.stale, all.late, all.rejected);
  if (rounds > 20 && (all.ok == 0 || all.stale == 0 || all.rejected == 0)) wrong("the peer did too little", (long)all.ok, (long)all.rejected);
  return outcome();
}
