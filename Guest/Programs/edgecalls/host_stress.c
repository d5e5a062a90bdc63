/* Stress of edge calls between this program and enclaves, a new one each round:
 *
 *   host-stress CALLS HARTS SEED EAPP RUNTIME LOADER
 *
 * In turn both sides are honest, the enclave is hostile, the host is hostile (hostile_peer.h); the side that is not is that of
 * victim.h. HARTS is 2 to 4, one of them the enclave's, or "all": each in turn. Calls go in both directions, with random cancels, deadlines, links and
 * backends; half of the rounds are torn down in the middle, and every enclave is destroyed. Prints "ok", or ends with 1; what
 * happened is on stderr. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aec_host.h"
#include "aec_user.h"
#include "check.h"
#include "edge_host.h"
#include "enclave.h"
#include "hostile_peer.h"
#include "stress_enclave.h"

enum { HANG = 300, UTM = 1 << 17, FREE_MEMORY = 1 << 20, HOST_THREADS = 3, FEWEST = 2, MOST = 1 + HOST_THREADS, CANARY = 0xa5 };
enum kind { HONEST, HOSTILE_ENCLAVE, HOSTILE_HOST, KINDS };

const char program_name[] = "host-stress";

static struct images images;
static int device;

static struct round {
  enum kind kind;
  enum aec_backend backend;
  uint64_t turns; /* of victim_begin */
  int alone;
  unsigned callers, peers;
  uint64_t naps; /* half milliseconds until it is torn down, if turns is 0 */
  struct enclave enclave;
  struct aec_host host;
  struct host_services services;
  struct aec_entry table[VICTIM_ROWS];
  struct victim v;
  struct peer peer[HOST_THREADS];
  pthread_t server, conductor, thread[HOST_THREADS];
  struct stress_report report;
  uint32_t enclave_is_done, enclave_ended;
} r;

static uint64_t rounds[KINDS], torn_down, made, answered, called, scribbled;
static struct victim_tally all;

/* ---- Threads ---- */

static void await_attachment(void) {
  while (aec_state(&r.host.aec) == AEC_INIT && !__atomic_load_n(&r.enclave_ended, __ATOMIC_RELAXED)) usleep(100);
}

static void *call(void *caller) {
  await_attachment();
  victim_call(caller);
  if (r.alone) aec_serve_forever(&r.host.aec, NULL);
  return NULL;
}

static void *serve(void *unused) {
  (void)unused;
  if (r.backend == AEC_ASYNC_ADAPTIVE) aec_receive_calls(&r.host.aec);
  aec_serve_forever(&r.host.aec, NULL);
  return NULL;
}

static void *misbehave(void *peer) {
  await_attachment();
  peer_misbehave(peer);
  return NULL;
}

static int calls_are_done(void) {
  int host = r.kind == HOSTILE_HOST || __atomic_load_n(&r.v.calling, __ATOMIC_RELAXED) == 0;
  int enclave = r.kind == HOSTILE_ENCLAVE || __atomic_load_n(&r.enclave_is_done, __ATOMIC_RELAXED);
  return host && enclave;
}

/* The region ends after a while, or when all calls have been made. */
static void *conduct(void *unused) {
  (void)unused;
  await_attachment();
  for (uint64_t n = 0; !__atomic_load_n(&r.enclave_ended, __ATOMIC_RELAXED) && !calls_are_done() && !(r.turns == 0 && n >= r.naps); n++) usleep(500);
  aec_host_teardown(&r.host);
  return NULL;
}

/* ---- The enclave ---- */

static void keep(struct edge_call *header) {
  uint64_t offset = header->arg_offset, size = header->arg_size;
  header->status = EDGE_BAD_OFFSET, header->ret_size = 0;
  if (size != sizeof r.report || offset > UTM / 2 - sizeof r.report) return;
  memcpy(&r.report, r.enclave.utm + offset, sizeof r.report);
  header->status = EDGE_OK;
  __atomic_store_n(&r.enclave_is_done, 1, __ATOMIC_RELAXED);
}

static void serve_other(struct enclave *e, void *services) {
  struct edge_call *header = (struct edge_call *)e->utm;
  if (header->id == CALL_KEEP) keep(header);
  else serve_host_call(e, services);
}

static void other(struct aec_host *h, void *services) {
  (void)h;
  serve_other(&r.enclave, services);
}

/* To its own end, which comes after that of the region. */
static void run_enclave(void) {
  uint64_t value = 0;
  int error = aec_host_run(&r.host, &value, other, &r.services);
  if (error == AEC_E_GONE) {
    while ((error = enclave_step(&r.enclave, KEYSTONE_IOC_RESUME)) == 0 && (r.enclave.error == SM_EDGE_CALL_HOST || r.enclave.error == SM_INTERRUPTED))
      if (r.enclave.error == SM_EDGE_CALL_HOST) serve_other(&r.enclave, &r.services);
    value = r.enclave.value;
    if (!error) error = (int)r.enclave.error;
  }
  __atomic_store_n(&r.enclave_ended, 1, __ATOMIC_RELAXED);
  if (error || value || !r.report.over) wrong("the enclave's end", error, (long)value);
}

static void build(unsigned harts, uint64_t *seed) {
  static const enum aec_backend backends[] = {AEC_ASYNC_POLL, AEC_ASYNC_ADAPTIVE, AEC_ASYNC_POLL, AEC_SPIN};
  static const uint32_t noises[] = {0, 16, 256, 16384};
  static unsigned turn;
  uint64_t x = next(seed);
  r = (struct round){.kind = turn++ % KINDS, .backend = backends[x % 4], .alone = harts == 2, .callers = harts == 4 ? 2 : 1, .peers = harts - 1};
  if (r.kind == HONEST && r.alone && r.backend == AEC_SPIN) r.backend = AEC_ASYNC_POLL; /* two threads, each of which waits for the other to serve */
  unsigned longer = (x >> 16) % 8; /* rounds of many lengths: an enclave's code is translated anew */
  r.turns = (x >> 4) % 2 || r.backend == AEC_SPIN ? 0 : VICTIM_TURNS << longer;
  r.naps = next(seed) % 20 << longer;
  struct stress_order o = {.hostile = r.kind == HOSTILE_ENCLAVE, .honest = r.kind == HONEST, .turns = r.turns,
                           .backend = r.backend, .seed = next(seed), .noise = noises[(x >> 8) % 4]};
  memcpy(r.services.arguments, &o, sizeof o);
  r.services.argument_count = sizeof o / sizeof(uint64_t);
  r.services.string = "";
  r.enclave.device = device;
  if (enclave_build(&r.enclave, &images, FREE_MEMORY, UTM)) usage_error("the driver did not create the enclave");
  memset(r.enclave.utm + AEC_PAGE, CANARY, UTM / 2 - AEC_PAGE);
  r.host = (struct aec_host){.device = device, .eid = r.enclave.info.eid, .utm = r.enclave.utm, .utm_len = r.enclave.utm_size};
  const struct aec_limits limits = victim_limits(r.alone);
  if (aec_host_setup(&r.host, VICTIM_LANES, VICTIM_LANES, VICTIM_LOG2, r.backend, &limits)) usage_error("no edge calls");
  if (r.kind == HOSTILE_HOST) {
    for (unsigned i = 0; i < r.peers; i++) /* the third only scribbles */
      r.peer[i] = (struct peer){.e = &r.host.aec, .first = r.peers == 1 ? 0 : i % 2, .lanes = r.peers == 1 ? VICTIM_LANES : i < 2, .seed = next(seed), .noise = (uint32_t)o.noise};
    return;
  }
  victim_fill(r.table, &r.v);
  aec_register(&r.host.aec, r.table, VICTIM_ROWS);
  victim_begin(&r.v, &r.host.aec, r.kind == HONEST, r.turns, r.callers, seed);
}

static void start(void) {
  unsigned threads = r.kind == HOSTILE_HOST ? r.peers : r.callers;
  for (unsigned i = 0; i < threads; i++)
    if (r.kind == HOSTILE_HOST) pthread_create(&r.thread[i], NULL, misbehave, &r.peer[i]);
    else pthread_create(&r.thread[i], NULL, call, &r.v.caller[i]);
  if (r.kind != HOSTILE_HOST && !r.alone) pthread_create(&r.server, NULL, serve, NULL);
  pthread_create(&r.conductor, NULL, conduct, NULL);
}

static void join(void) {
  unsigned threads = r.kind == HOSTILE_HOST ? r.peers : r.callers;
  pthread_join(r.conductor, NULL);
  for (unsigned i = 0; i < threads; i++) {
    __atomic_store_n(&r.peer[i].stop, 1, __ATOMIC_RELAXED);
    pthread_join(r.thread[i], NULL);
  }
  if (r.kind != HOSTILE_HOST && !r.alone) pthread_join(r.server, NULL);
}

/* ---- A round ---- */

static void judge(const struct aec_header *before) {
  if (r.report.violations) {
    r.report.what[sizeof r.report.what - 1] = 0;
    wrong(r.report.what, (long)r.report.a, (long)r.report.b);
  }
  struct aec_header after = *(const struct aec_header *)(r.host.aec.region + r.host.aec.len / 2);
  after.gen = before->gen, after.state = before->state, after.max_func = before->max_func;
  if (memcmp(before, &after, sizeof after)) wrong("the header", 0, 0);
  for (const uint8_t *p = r.enclave.utm + AEC_PAGE; p < r.enclave.utm + UTM / 2; p++)
    if (*p != CANARY) wrong("written outside the region", p - r.enclave.utm, *p);
  struct victim_tally host = {0};
  if (r.kind != HOSTILE_HOST) host = victim_settle(&r.v);
  if (r.kind == HONEST) {
    victim_compare(&host, &r.report.tally);
    victim_compare(&r.report.tally, &host);
  }
  made += host.calls + r.report.tally.calls + (r.kind == HONEST ? 0 : host.ran + r.report.tally.ran);
  victim_add(&all, &host);
  victim_add(&all, &r.report.tally);
  answered += r.report.answered, called += r.report.called, scribbled += r.report.scribbled;
  for (unsigned i = 0; i < HOST_THREADS; i++) answered += r.peer[i].answered, called += r.peer[i].called, scribbled += r.peer[i].scribbled;
  rounds[r.kind]++, torn_down += r.turns == 0;
}

static void one_round(unsigned harts, uint64_t *seed) {
  build(harts, seed);
  struct aec_header header = *(const struct aec_header *)(r.host.aec.region + r.host.aec.len / 2);
  start();
  run_enclave();
  join();
  judge(&header);
  if (enclave_destroy(&r.enclave)) wrong("destroy", 0, 0);
  aec_host_free(&r.host);
}

int main(int argc, char **argv) {
  unsigned harts = argc == 7 && strcmp(argv[2], "all") ? (unsigned)number(argv[2]) : FEWEST;
  if (argc != 7 || harts < FEWEST || harts > MOST) usage_error("usage: host-stress CALLS HARTS SEED EAPP RUNTIME LOADER (HARTS 2 to 4, or all)");
  const int every = strcmp(argv[2], "all") == 0;
  images = read_images(argv[4], argv[5], argv[6]);
  device = open_device();
  uint64_t seed = number(argv[3]) * 0x9e3779b97f4a7c15u | 1;
  for (unsigned n = 0; n < KINDS || made < number(argv[1]); n++) {
    alarm(HANG);
    one_round(every ? FEWEST + n / KINDS % (MOST - FEWEST + 1) : harts, &seed);
  }
  fprintf(stderr, "enclaves: %" PRIu64 " with honest sides, %" PRIu64 " hostile, %" PRIu64 " with a hostile host; torn down in the middle %" PRIu64 "\n", rounds[HONEST],
          rounds[HOSTILE_ENCLAVE], rounds[HOSTILE_HOST], torn_down);
  fprintf(stderr, "calls %" PRIu64 ": %" PRIu64 " made by sides that are not hostile (ok %" PRIu64 ", failed %" PRIu64 ", canceled %" PRIu64 ", timed out %" PRIu64 ", closed or gone %" PRIu64 "), served %" PRIu64 "\n",
          made, all.calls, all.ok, all.failed, all.canceled, all.timeouts, all.gone, all.ran);
  fprintf(stderr, "hostile sides: answered %" PRIu64 ", called %" PRIu64 ", scribbled %" PRIu64 "; completions stale %" PRIu64 ", late %" PRIu64 ", lanes closed for cause %" PRIu64 "\n",
          answered, called, scribbled, all.stale, all.late, all.rejected);
  return outcome();
}
