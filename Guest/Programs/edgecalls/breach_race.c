/* Attacks of aec-breach that are races: another thread acts at any moment, over and over. One that succeeds ends at once; one
 * that does not is tried a bounded number of times. Victims yield where a longer function would do its work. */
#include <sched.h>

#include "aec_private.h"
#include "breach.h"

enum { TRIES = 500, MOST_TRIES = 200000 };

static uint32_t over, breached;

static uint64_t tries(void) { return guarded ? TRIES : MOST_TRIES; }

static int is_over(void) { return __atomic_load_n(&over, __ATOMIC_RELAXED); }
static void end(void) { __atomic_store_n(&over, 1, __ATOMIC_RELAXED); }
static void succeed(void) { __atomic_store_n(&breached, 1, __ATOMIC_RELAXED); }
static int has_succeeded(void) { return __atomic_load_n(&breached, __ATOMIC_RELAXED); }

static void begin(void) { over = breached = 0; }

/* The attacker takes its completions, so that there is room for more. Each call has been answered. */
static void reap(unsigned lane) {
  struct aec_tx *t = &attacker.aec.tx[lane];
  aec_store32(&t->cq_head->idx, t->tail);
}

/* ---- A size that grows between check and use ---- */

static int32_t read_record(struct aec_request *r) {
  const volatile uint64_t *words = r->arg;
  if (*words > PUBLIC) return AEC_E_INVAL;
  sched_yield();
  uint64_t n = *words;
  if (n > RECORD) n = RECORD;
  for (uint64_t i = 0; i < n; i++) ((uint64_t *)r->ret)[i] = record[i];
  r->ret_len = (uint32_t)(8 * n);
  return AEC_OK;
}

static void *change_sizes(void *unused) {
  (void)unused;
  for (uint64_t n = PUBLIC; !is_over(); n ^= PUBLIC ^ RECORD)
    for (uint32_t i = 0; i < attacker.aec.entries; i++) aec_store64(attacker.aec.tx[0].sqe[i].data, n);
  return NULL;
}

int double_fetch_race(void) {
  static const struct aec_entry table[] = {{.function = read_record, .arg_min = 8, .arg_max = 8, .ret_max = sizeof record}};
  pthread_t other;
  for (int i = PUBLIC; i < RECORD; i++) record[i] = SECRET;
  open_region(table, 1);
  begin();
  pthread_create(&other, NULL, change_sizes, NULL);
  for (uint64_t n = tries(); n && !has_succeeded(); n--) {
    struct aec_cqe c = call((struct aec_sqe){.flags = AEC_INLINE, .arg_len = 8, .data = {PUBLIC}, .ret_cap = sizeof record});
    if (c.status == AEC_OK && holds_secret(&c)) succeed();
    reap(0);
  }
  end();
  pthread_join(other, NULL);
  return verdict(has_succeeded(), "a record's secret part, by a size that grows at any moment");
}

/* ---- Two at once ---- */

struct hammer {
  unsigned lane;
  uint32_t func;
};

/* Calls a function over and over on a lane of its own, which a thread of the victim's serves. */
static void *hammer(void *argument) {
  const struct hammer *h = argument;
  for (uint64_t n = tries(); n && !is_over() && !has_succeeded(); n--) {
    post_call(h->lane, (struct aec_sqe){.flags = AEC_INLINE, .func = h->func});
    while (aec_serve_lane(&victim.aec.rx[h->lane]) == 0) sched_yield();
    reap(h->lane);
  }
  return NULL;
}

static void hammer_both(uint32_t first, uint32_t second) {
  struct hammer h[LANES] = {{.lane = 0, .func = first}, {.lane = 1, .func = second}};
  pthread_t other;
  pthread_create(&other, NULL, hammer, &h[1]);
  hammer(&h[0]);
  pthread_join(other, NULL);
}

static uint32_t inside;

static int32_t not_reentrant(struct aec_request *r) {
  (void)r;
  if (__atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST) > 1) succeed();
  sched_yield();
  __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
  return AEC_OK;
}

int concurrent_race(void) {
  const struct aec_entry table[] = {{.function = not_reentrant, .flags = guarded ? AEC_FN_SERIAL : 0}};
  inside = 0;
  open_region(table, 1);
  begin();
  hammer_both(0, 0);
  return verdict(has_succeeded(), "two calls inside a function that is made for one, by two hosts that call at any moment");
}

/* Two functions on one number, as in data-race. */
static uint64_t balance, paid, deposited;

static int32_t open_account(struct aec_request *r) {
  (void)r;
  return AEC_OK;
}

static int32_t deposit(struct aec_request *r) {
  (void)r;
  uint64_t before = __atomic_load_n(&balance, __ATOMIC_SEQ_CST), taken = __atomic_load_n(&paid, __ATOMIC_SEQ_CST);
  sched_yield();
  if (!guarded && taken != __atomic_load_n(&paid, __ATOMIC_SEQ_CST) && before) succeed(); /* what was paid comes back */
  __atomic_store_n(&balance, before + 100, __ATOMIC_SEQ_CST);
  deposited += 100;
  return AEC_OK;
}

static int32_t pay(struct aec_request *r) {
  (void)r;
  __atomic_fetch_add(&paid, __atomic_exchange_n(&balance, 0, __ATOMIC_SEQ_CST), __ATOMIC_SEQ_CST);
  return AEC_OK;
}

int payments_race(void) {
  const uint64_t turn = guarded ? FREE_BIT : 0;
  const struct aec_entry table[] = {{.function = open_account, .provides = turn},
                                    {.function = deposit, .requires = turn, .revokes = turn, .provides = turn},
                                    {.function = pay, .requires = turn, .revokes = turn, .provides = turn}};
  balance = paid = deposited = 0;
  open_region(table, 3);
  begin();
  call((struct aec_sqe){.flags = AEC_INLINE});
  reap(0);
  hammer_both(1, 2);
  return verdict(balance + paid != deposited, "money that was paid and is still there, by calls at any moment");
}

/* ---- Stopped between two steps ---- */

static uint64_t message; /* whoever has one says so here */

/* A while that is never the same, or threads that take turns on one processor would meet at the same places always. */
static void linger(uint64_t *seed) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  for (uint64_t i = *seed >> 62; i; i--) sched_yield();
}

static uint64_t *bytes_of(aec_handle h) { return (uint64_t *)(victim.aec.region + aec_handle_offset(h)); }

/* Has a message, gives it back, and forgets it then. */
static void *send_messages(void *unused) {
  struct aec_shm *s = &victim.aec.shm;
  uint64_t seed = 1;
  (void)unused;
  while (!is_over()) {
    aec_handle mine = aec_shm_alloc(s, 64, AEC_OWNED);
    if (!mine) continue;
    aec_store64(bytes_of(mine), 0);
    __atomic_store_n(&message, mine, __ATOMIC_SEQ_CST);
    linger(&seed);
    while (aec_shm_move(s, mine, AEC_OWNED, AEC_FREE) != AEC_OK) sched_yield(); /* lent */
    linger(&seed);
    __atomic_store_n(&message, 0, __ATOMIC_SEQ_CST);
  }
  return NULL;
}

/* Another's objects hold secrets while they are. */
static void *keep_secrets(void *unused) {
  struct aec_shm *s = &victim.aec.shm;
  uint64_t seed = 2;
  (void)unused;
  while (!is_over()) {
    aec_handle mine = aec_shm_alloc(s, 64, AEC_OWNED);
    if (!mine) continue;
    aec_store64(bytes_of(mine), SECRET);
    linger(&seed);
    aec_store64(bytes_of(mine), 0);
    aec_shm_move(s, mine, AEC_OWNED, AEC_FREE);
    linger(&seed); /* the next one is what another gave back last */
  }
  return NULL;
}

int use_after_free_race(void) {
  pthread_t threads[2];
  struct aec_shm *s = &victim.aec.shm;
  open_region(NULL, 0);
  message = 0;
  begin();
  pthread_create(&threads[0], NULL, send_messages, NULL);
  pthread_create(&threads[1], NULL, keep_secrets, NULL);
  for (uint64_t n = tries(); n && !has_succeeded(); n--) {
    aec_handle h;
    while (!(h = __atomic_load_n(&message, __ATOMIC_SEQ_CST))) sched_yield(); /* no try yet */
    sched_yield();
    if (guarded && aec_shm_move(s, h, AEC_OWNED, AEC_LENT) != AEC_OK) continue;
    if (aec_load64(bytes_of(h)) == SECRET) succeed();
    if (guarded) aec_shm_move(s, h, AEC_LENT, AEC_OWNED);
  }
  end();
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  return verdict(has_succeeded(), "another's object, through a reference that outlives its own at any moment");
}
