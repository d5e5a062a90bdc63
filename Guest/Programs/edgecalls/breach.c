/* Attacks on edge calls by whoever holds the other side of the rings: aec-breach NAME[,NAME]... naive|guarded; aec-breach list.
 *
 * The victim is an enclave's side. "naive" is one that believes the other side (naive.h), or the library with a handler
 * table that states no policy; "guarded" is the library with the policy stated. Where an attack needs another hart to act at
 * one moment, the program acts at that moment: every run is the same. Those of breach_race.c are races.
 *
 * Prints a line for each, "breached: WHAT" or "stopped: WHAT". Exit 1 when one is a breach, 0 when none is, 2 for bad input. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "aec_private.h"
#include "breach.h"
#include "naive.h"

int guarded;
static struct plain_region region;
struct plain_side victim, attacker;

int verdict(int breached, const char *what) {
  printf("%s: %s\n", breached ? "breached" : "stopped", what);
  return breached;
}

/* A new region with two new sides. */
void open_region(const struct aec_entry *table, uint32_t entries) {
  static const struct aec_limits limits = {.poll_turns = 1, .serve_while_waiting = 1};
  plain_format(&region, 1 << 17, LANES, LANES, 4);
  plain_attach(&victim, &region, AEC_ENCLAVE, AEC_ASYNC_ADAPTIVE, &limits, NULL);
  plain_attach(&attacker, &region, AEC_HOST, AEC_ASYNC_POLL, NULL, NULL);
  aec_register(&victim.aec, table, entries);
}

static void serve(void) {
  if (guarded) aec_serve(&victim.aec);
  else naive_serve(&victim.aec.rx[0]);
}

/* ---- The attacker's hands: entries as it likes them, and what came back ---- */

void post_call(unsigned lane, struct aec_sqe s) {
  struct aec_tx *t = &attacker.aec.tx[lane];
  struct aec_sqe *slot = &t->sqe[t->tail & (attacker.aec.entries - 1)];
  s.op = AEC_CALL;
  *slot = s;
  aec_fence_store();
  aec_store32(&slot->seq, ++t->tail);
}

static struct aec_cqe last_completion(unsigned lane) {
  const struct aec_tx *t = &attacker.aec.tx[lane];
  return t->cqe[(t->tail - 1) & (attacker.aec.entries - 1)]; /* each call has been answered */
}

struct aec_cqe call(struct aec_sqe s) {
  post_call(0, s);
  serve();
  return last_completion(0);
}

int holds_secret(const struct aec_cqe *c) {
  for (uint32_t i = 0; i + 8 <= c->ret_len; i += 8)
    if (aec_load64(region.side[AEC_HOST] + c->ret_off + i) == SECRET) return 1;
  return 0;
}

/* ---- A size that grows between check and use ---- */

uint64_t record[RECORD];

static int32_t read_record(struct aec_request *r) {
  const volatile uint64_t *words = r->arg;
  if (*words > PUBLIC) return AEC_E_INVAL;
  aec_store64(attacker.aec.tx[0].sqe[0].data, RECORD); /* another hart, now */
  uint64_t n = *words;
  for (uint64_t i = 0; i < n; i++) ((uint64_t *)r->ret)[i] = record[i];
  r->ret_len = (uint32_t)(8 * n);
  return AEC_OK;
}

static int double_fetch(void) {
  static const struct aec_entry table[] = {{.function = read_record, .arg_min = 8, .arg_max = 8, .ret_max = sizeof record}};
  for (int i = PUBLIC; i < RECORD; i++) record[i] = SECRET;
  open_region(table, 1);
  struct aec_cqe c = call((struct aec_sqe){.flags = AEC_INLINE, .arg_len = 8, .data = {PUBLIC}, .ret_cap = sizeof record});
  return verdict(holds_secret(&c), "a record's secret part, by a size that grew after it was checked");
}

/* ---- Two at once ---- */

static uint32_t inside, overlapped, answered;
static uint64_t balance, paid;

static int is_over(void) { return __atomic_load_n(&overlapped, __ATOMIC_SEQ_CST) || __atomic_load_n(&answered, __ATOMIC_SEQ_CST); }

/* Stays until a second one comes in, or has been sent away. */
static int32_t not_reentrant(struct aec_request *r) {
  (void)r;
  if (__atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST) == 2) __atomic_store_n(&overlapped, 1, __ATOMIC_SEQ_CST);
  while (!is_over()) sched_yield();
  __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
  return AEC_OK;
}

static void *serve_lane(void *lane) {
  while (aec_serve_lane(lane) == 0) sched_yield();
  __atomic_store_n(&answered, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

/* Lane 0 is served by this thread, lane 1 by another. */
static void serve_both(void) {
  pthread_t other;
  pthread_create(&other, NULL, serve_lane, &victim.aec.rx[1]);
  serve_lane(&victim.aec.rx[0]);
  pthread_join(other, NULL);
}

static int concurrent(void) {
  const struct aec_entry table[] = {{.function = not_reentrant, .flags = guarded ? AEC_FN_SERIAL : 0}};
  inside = overlapped = answered = 0;
  open_region(table, 1);
  for (unsigned lane = 0; lane < LANES; lane++) post_call(lane, (struct aec_sqe){.flags = AEC_INLINE});
  serve_both();
  return verdict((int)overlapped, "two calls inside a function that is made for one");
}

/* Two functions on one number: a deposit that is interrupted by a payment. */
static int32_t deposit(struct aec_request *r) {
  (void)r;
  uint64_t before = __atomic_load_n(&balance, __ATOMIC_SEQ_CST);
  __atomic_store_n(&inside, 1, __ATOMIC_SEQ_CST);
  while (!is_over()) sched_yield();
  __atomic_store_n(&balance, before + 100, __ATOMIC_SEQ_CST);
  return AEC_OK;
}

static int32_t pay(struct aec_request *r) {
  (void)r;
  paid += __atomic_exchange_n(&balance, 0, __ATOMIC_SEQ_CST);
  return AEC_OK;
}

static void *pay_meanwhile(void *lane) {
  while (!__atomic_load_n(&inside, __ATOMIC_SEQ_CST)) sched_yield();
  return serve_lane(lane);
}

static int32_t open_account(struct aec_request *r) {
  (void)r;
  return AEC_OK;
}

static int data_race(void) {
  const uint64_t turn = guarded ? FREE_BIT : 0;
  const struct aec_entry table[] = {{.function = open_account, .provides = turn},
                                    {.function = deposit, .requires = turn, .revokes = turn, .provides = turn},
                                    {.function = pay, .requires = turn, .revokes = turn, .provides = turn}};
  pthread_t other;
  balance = 100, paid = inside = overlapped = answered = 0;
  open_region(table, 3);
  post_call(0, (struct aec_sqe){.flags = AEC_INLINE});
  aec_serve(&victim.aec);
  post_call(0, (struct aec_sqe){.flags = AEC_INLINE, .func = 1});
  post_call(1, (struct aec_sqe){.flags = AEC_INLINE, .func = 2});
  pthread_create(&other, NULL, pay_meanwhile, &victim.aec.rx[1]);
  serve_lane(&victim.aec.rx[0]);
  pthread_join(other, NULL);
  return verdict(balance + paid != 200, "money that was paid and is still there");
}

/* ---- The wrong order ---- */

enum { OPEN, READ, CLOSE };
static uint64_t pool[2] = {SECRET, SECRET}; /* what others keep there */
static unsigned session;

static int32_t open_session(struct aec_request *r) {
  (void)r;
  session = 1;
  pool[session] = 0;
  return AEC_OK;
}
static int32_t read_session(struct aec_request *r) {
  r->ret_val = pool[session];
  return AEC_OK;
}
static int32_t close_session(struct aec_request *r) {
  (void)r;
  pool[session] = SECRET; /* the next owner's */
  return AEC_OK;
}

static int order(void) {
  const uint64_t is_open = guarded ? 1 : 0;
  const struct aec_entry table[] = {[OPEN] = {.function = open_session, .provides = is_open},
                                    [READ] = {.function = read_session, .requires = is_open},
                                    [CLOSE] = {.function = close_session, .requires = is_open, .revokes = is_open}};
  static const uint32_t calls[] = {READ, OPEN, READ, CLOSE, READ, CLOSE};
  int seen = 0;
  open_region(table, 3);
  for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) seen |= call((struct aec_sqe){.flags = AEC_INLINE, .func = calls[i]}).ret_val == SECRET;
  return verdict(seen, "an object before it is opened, or after it was closed");
}

/* ---- Descriptors that lie ---- */

static int32_t echo(struct aec_request *r) {
  r->ret_len = r->arg_len < r->ret_cap ? r->arg_len : r->ret_cap;
  for (uint32_t i = 0; i < r->ret_len; i++) ((uint8_t *)r->ret)[i] = ((const uint8_t *)r->arg)[i];
  return AEC_OK;
}

static uint64_t *private_page(void) {
  uint64_t *p = mmap(NULL, AEC_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p != MAP_FAILED) *p = SECRET;
  return p;
}

static int input(void) {
  static const struct aec_entry table[] = {{.function = echo, .arg_max = 4096, .ret_max = 4096}};
  uint64_t *before = private_page();
  open_region(table, 1);
  uint64_t *after = private_page(); /* one of the two lies behind the region, whichever way addresses grow */
  uint64_t distance = (uint64_t)(before > after ? before : after) - (uint64_t)region.side[AEC_ENCLAVE];
  if (before == MAP_FAILED || after == MAP_FAILED || distance >> 32) return 2;
  struct aec_cqe c = call((struct aec_sqe){.arg_off = (uint32_t)distance, .arg_len = 8, .ret_cap = 8});
  int seen = c.status == AEC_OK && holds_secret(&c);
  const struct aec_header *h = plain_header(&region);
  const uint32_t end = h->off[AEC_DH] + h->len[AEC_DH], half = h->region_len / 2;
  const struct aec_sqe lies[] = {
      {.arg_off = end, .arg_len = 1},          {.arg_off = end - 8, .arg_len = 9},      {.arg_off = 0, .arg_len = 64},
      {.arg_off = half, .arg_len = 64},        {.arg_off = h->off[AEC_DE], .arg_len = 64}, {.arg_off = ~0u, .arg_len = 8},
      {.arg_off = ~0u - 7, .arg_len = ~0u},    {.arg_off = h->off[AEC_DH], .arg_len = ~0u}, {.flags = AEC_INLINE, .arg_len = AEC_INLINE_MAX + 1},
      {.flags = AEC_INLINE, .arg_len = ~0u},
  };
  for (unsigned i = 0; guarded && i < sizeof lies / sizeof *lies; i++) seen |= call(lies[i]).status == AEC_OK;
  return verdict(seen, "an enclave's private memory, as an argument");
}

static int32_t unlock(struct aec_request *r) {
  r->ret_val = SECRET;
  return AEC_OK;
}

static int call_number(void) {
  static const struct aec_entry table[] = {{.function = echo, .arg_max = 24, .ret_max = 24}, {.function = unlock}}; /* the second belongs to nobody's table */
  int seen = 0;
  open_region(table, 1);
  for (uint32_t func = 1; func < 4; func++)
    if (guarded || func == 1) seen |= call((struct aec_sqe){.flags = AEC_INLINE, .func = func}).ret_val == SECRET;
  return verdict(seen, "what lies behind the table of functions, called");
}

/* ---- Called back in the middle ---- */

enum { WITHDRAW = 0, AUDIT = 0 };

static int32_t audit(struct aec_request *r) {
  (void)r;
  return AEC_OK;
}

static int32_t withdraw(struct aec_request *r) {
  (void)r;
  if (balance < 100) return AEC_E_PERM;
  aec_call(&victim.aec.tx[0], AUDIT, NULL, 0, NULL, 0); /* tell the host, who knows a moment to call again */
  balance -= 100;
  paid += 100;
  return AEC_OK;
}

/* The victim waits: its other side calls again first, and answers then. */
static int called;
static uint32_t call_again(struct aec *e, uint32_t what, uint32_t microseconds) {
  (void)e, (void)microseconds;
  if (!(what & AEC_SLEEP)) return AEC_LIVE;
  if (!called) post_call(1, (struct aec_sqe){.flags = AEC_INLINE, .func = WITHDRAW});
  else aec_serve(&attacker.aec);
  called = 1;
  return AEC_LIVE;
}

static int nested(void) {
  const struct aec_entry table[] = {{.function = withdraw, .flags = guarded ? 0 : AEC_FN_NEST_OK}};
  static const struct aec_entry hosts_table[] = {{.function = audit}};
  balance = 100, paid = 0, called = 0;
  open_region(table, 1);
  victim.port.door = call_again;
  aec_register(&attacker.aec, hosts_table, 1);
  post_call(0, (struct aec_sqe){.flags = AEC_INLINE, .func = WITHDRAW});
  while (aec_serve(&victim.aec)) {}
  return verdict(paid > 100, "money that was there once, paid twice");
}

/* ---- Stopped between two steps ---- */

/* A thread that frees is stopped before it forgets; another allocates; a third still uses what the first had. */
static int use_after_free(void) {
  open_region(NULL, 0);
  struct aec_shm *s = &victim.aec.shm;
  aec_handle message = aec_shm_alloc(s, 64, AEC_OWNED);
  aec_shm_move(s, message, AEC_OWNED, AEC_FREE);
  aec_handle other = aec_shm_alloc(s, 64, AEC_OWNED);
  aec_store64(victim.aec.region + aec_handle_offset(other), SECRET);
  int usable = guarded ? aec_shm_move(s, message, AEC_OWNED, AEC_LENT) == AEC_OK : 1;
  int seen = usable && aec_load64(victim.aec.region + aec_handle_offset(message)) == SECRET;
  return verdict(seen, "another's object, through a reference that outlived its own");
}

/* ---- An answer of before ---- */

static void answer(uint64_t cookie, uint64_t value) {
  struct aec_rx *r = &attacker.aec.rx[0];
  struct aec_cqe *slot = &r->cqe[r->tail & (attacker.aec.entries - 1)];
  *slot = (struct aec_cqe){.cookie = cookie, .ret_val = value};
  aec_fence_store();
  aec_store32(&slot->seq, ++r->tail);
}

static uint64_t outcome_of(struct aec_tx *t, aec_ticket ticket) {
  struct aec_result r = {0};
  if (guarded) return aec_wait(t, ticket, 0).ret_val;
  while (naive_take(t, &r) != (uint16_t)ticket) {}
  return r.ret_val;
}

static int replay(void) {
  enum { NO, YES };
  struct aec_submission ask = {.func = 0};
  aec_ticket first, second;
  open_region(NULL, 0);
  struct aec_tx *t = &victim.aec.tx[0];
  aec_submit(t, &ask, &first);
  answer(first, YES);
  outcome_of(t, first);
  if (!guarded) { /* its slot is free again */
    struct aec_pending *p = &t->pending[(uint16_t)first];
    p->next = t->free;
    t->free = p;
  }
  aec_submit(t, &ask, &second);
  answer(first, YES); /* once more */
  answer(second, NO);
  return verdict(outcome_of(t, second) == YES, "the answer to one call, taken for that to another");
}

static const struct {
  const char *name;
  int (*run)(void);
} attacks[] = {
    {"double-fetch", double_fetch}, {"concurrent", concurrent}, {"order", order},   {"input", input},
    {"nested", nested},             {"call-number", call_number}, {"use-after-free", use_after_free},
    {"data-race", data_race},       {"replay", replay},
    {"double-fetch-race", double_fetch_race}, {"concurrent-race", concurrent_race},
    {"use-after-free-race", use_after_free_race}, {"payments-race", payments_race},
};

int main(int argc, char **argv) {
  const size_t count = sizeof attacks / sizeof *attacks;
  if (argc == 2 && strcmp(argv[1], "list") == 0) {
    for (size_t i = 0; i < count; i++) puts(attacks[i].name);
    return 0;
  }
  guarded = argc == 3 && strcmp(argv[2], "guarded") == 0;
  int result = argc == 3 && (guarded || strcmp(argv[2], "naive") == 0) ? 0 : 2;
  for (char *name = result ? NULL : strtok(argv[1], ","); name; name = strtok(NULL, ",")) {
    size_t i = 0;
    while (i < count && strcmp(name, attacks[i].name)) i++;
    result |= i < count ? attacks[i].run() : 2;
  }
  if (result & 2) fputs("usage: aec-breach NAME[,NAME]... naive|guarded, or aec-breach list\n", stderr);
  return result & 2 ? 2 : result;
}
