/* What waiting costs by each way, counted where nothing depends on time: caller and server are coroutines that take turns, one
 * pause each, and a side that sleeps runs no more until it is told.
 *
 *   aec-turns BACKEND COST[,COST]... GAP CALLS [WORTH]
 *
 * COST: pauses that a call takes, of several the first CALLS take the first, and so on; GAP: pauses between an answer and the next
 * call; WORTH: poll_turns of the library, each up to AEC_LOOKS pauses. Who sleeps is told as by a user interrupt: at once.
 *
 * Prints a line for each COST, `COST waiting pauses sleeps rings`, both sides' together: `waiting` are instructions executed in
 * looks that found nothing and on the way to sleep and back (exact with rvjit --exact-instret). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aec_private.h"

enum { CALLER, SERVER, SIDES, STACK = 65536, ARENA = 1 << 17 };

static struct side {
  void *sp;
  struct aec aec;
  uint64_t rings, heard;
  int asleep;
  uint64_t waiting, away, pauses, sleeps; /* away: instructions of the other side meanwhile */
  uint8_t stack[STACK] __attribute__((aligned(16)));
  uint8_t arena[ARENA] __attribute__((aligned(16)));
} side[SIDES];

static uint8_t region[AEC_MIN_REGION] __attribute__((aligned(AEC_PAGE)));
enum { PHASES = 16 };
static uint64_t cost[PHASES], phases, gap, calls, served; /* calls of a phase */
static struct counts {
  uint64_t waiting, pauses, sleeps, rings;
} until[PHASES + 1]; /* the end of each phase */
static struct aec_limits limits;
static int running = -1, done;
static void *main_sp;

static uint64_t instructions(void) {
  uint64_t n;
  __asm__ volatile("rdinstret %0" : "=r"(n));
  return n;
}

/* ---- Turns ---- */

void turns_switch(void **from, void *to);
__asm__(".text\nturns_switch:\n"
        "addi sp,sp,-112\nsd ra,0(sp)\nsd s0,8(sp)\nsd s1,16(sp)\nsd s2,24(sp)\nsd s3,32(sp)\nsd s4,40(sp)\nsd s5,48(sp)\n"
        "sd s6,56(sp)\nsd s7,64(sp)\nsd s8,72(sp)\nsd s9,80(sp)\nsd s10,88(sp)\nsd s11,96(sp)\nsd sp,0(a0)\nmv sp,a1\n"
        "ld ra,0(sp)\nld s0,8(sp)\nld s1,16(sp)\nld s2,24(sp)\nld s3,32(sp)\nld s4,40(sp)\nld s5,48(sp)\nld s6,56(sp)\n"
        "ld s7,64(sp)\nld s8,72(sp)\nld s9,80(sp)\nld s10,88(sp)\nld s11,96(sp)\naddi sp,sp,112\nret\n");

static void turn(void) {
  struct side *s = &side[running];
  uint64_t before = instructions();
  turns_switch(&s->sp, main_sp);
  s->away += instructions() - before;
}

/* ---- What the library asks for ---- */

uint32_t aec_load32(const void *p) { return *(const volatile aec_half *)p; }
uint64_t aec_load64(const void *p) { return *(const volatile aec_word *)p; }
void aec_store32(void *p, uint32_t v) { *(volatile aec_half *)p = v; }
void aec_store64(void *p, uint64_t v) { *(volatile aec_word *)p = v; }
void aec_fence_store(void) {}
void aec_fence_load(void) {}
void aec_fence_full(void) {}
void aec_pause(void) {
  side[running].pauses++;
  turn();
}

static uint32_t door(struct aec *e, uint32_t what, uint32_t microseconds) {
  struct side *s = e->port->context;
  (void)microseconds;
  if (what & AEC_RING) side[s == &side[CALLER] ? SERVER : CALLER].rings++;
  if (what & AEC_SLEEP) {
    s->sleeps++;
    s->asleep = 1;
    turn();
    s->heard = s->rings;
  }
  return AEC_LIVE;
}

/* ---- Both sides ---- */

static int32_t function(struct aec_request *r) {
  for (uint64_t i = cost[served / calls]; i; i--) turn();
  r->ret_val = ++served;
  return AEC_OK;
}
static const struct aec_entry table[] = {{.function = function}};

static struct counts count(void) {
  const struct side *c = &side[CALLER], *s = &side[SERVER];
  return (struct counts){c->waiting + s->waiting, c->pauses + s->pauses, c->sleeps + s->sleeps, c->rings + s->rings};
}

static void call(void) {
  struct side *s = &side[CALLER];
  struct aec_tx *t = &s->aec.tx[0];
  for (uint64_t n = 0; n < phases * calls; n++) {
    aec_ticket ticket;
    struct aec_result r;
    const struct aec_submission null = {0};
    for (uint64_t i = gap; i; i--) turn();
    if (aec_submit(t, &null, &ticket)) abort();
    for (uint32_t turns = 0;; turns++) {
      uint64_t before = instructions(), away = s->away;
      if (aec_poll(t) > 0) break;
      aec_idle_caller(t, turns, 0);
      s->waiting += instructions() - before - (s->away - away);
    }
    if (aec_take(t, ticket, &r) || r.status || r.ret_val != n + 1) abort();
    if ((n + 1) % calls == 0) until[(n + 1) / calls] = count();
  }
  done = 1;
  turns_switch(&s->sp, main_sp);
}

static void serve(void) {
  struct side *s = &side[SERVER];
  for (uint32_t turns = 0;; turns++) {
    uint64_t before = instructions(), away = s->away;
    if (aec_serve(&s->aec)) {
      turns = (uint32_t)-1;
      continue;
    }
    aec_idle_server(&s->aec, turns);
    s->waiting += instructions() - before - (s->away - away);
  }
}

static void begin(int which, void (*body)(void), enum aec_backend backend) {
  static struct aec_port port[SIDES];
  struct side *s = &side[which];
  port[which] = (struct aec_port){.door = door, .context = s};
  if (aec_setup(&s->aec, region, sizeof region, which == CALLER ? AEC_ENCLAVE : AEC_HOST, backend, &limits, &port[which], s->arena, ARENA)) abort();
  s->aec.user = 1; /* it is told at once; by which way is the same here */
  uint64_t *frame = (uint64_t *)(s->stack + STACK - 112);
  frame[0] = (uint64_t)(uintptr_t)body;
  s->sp = frame;
}

static void format(void) {
  const uint32_t upper = sizeof region / 2, control = 2 * AEC_PAGE;
  *(struct aec_header *)(region + upper) = (struct aec_header){
      .magic = AEC_MAGIC, .major = AEC_MAJOR, .minor = AEC_MINOR, .gen = 1, .region_len = sizeof region, .n_osq = 1, .n_esq = 1, .log2_entries = AEC_MIN_LOG2,
      .state = AEC_LIVE, .timebase = 10000000, .off = {[AEC_ZH] = 0, [AEC_DH] = control, [AEC_ZE] = upper + AEC_PAGE, [AEC_DE] = upper + AEC_PAGE + control},
      .len = {[AEC_ZH] = control, [AEC_DH] = upper - control, [AEC_ZE] = control, [AEC_DE] = upper - AEC_PAGE - control}};
}

static uint64_t number(const char *text, char **end) {
  uint64_t value = strtoull(text, end, 0);
  if (*end == text) *end = "?";
  return value;
}

/* What the command says; 0 when it cannot be. */
static int parse(int argc, char **argv, enum aec_backend *backend) {
  char *end;
  if (argc != 5 && argc != 6) return 0;
  for (*backend = AEC_ASYNC_POLL; strcmp(argv[1], aec_backend_names[*backend]); ++*backend)
    if (*backend + 1 == AEC_BACKENDS) return 0;
  for (const char *text = argv[2]; phases < PHASES; text = end + 1) {
    cost[phases++] = number(text, &end);
    if (*end != ',') break;
  }
  if (*end) return 0;
  gap = number(argv[3], &end);
  if (*end) return 0;
  calls = number(argv[4], &end);
  if (*end || calls == 0) return 0;
  limits.poll_turns = argc == 6 ? (uint32_t)number(argv[5], &end) : 0;
  return *end == 0;
}

int main(int argc, char **argv) {
  enum aec_backend backend;
  if (!parse(argc, argv, &backend)) {
    fputs("usage: aec-turns async-poll|async-adaptive|async-uipi COST[,COST]... GAP CALLS [WORTH]\n", stderr);
    return 2;
  }
  format();
  begin(CALLER, call, backend);
  begin(SERVER, serve, backend);
  aec_register(&side[SERVER].aec, table, 1);
  for (running = SERVER; !done;) {
    running = !running;
    struct side *s = &side[running];
    if (s->asleep && s->rings == s->heard) continue;
    s->asleep = 0;
    turns_switch(&main_sp, s->sp);
  }
  for (uint64_t i = 0; i < phases; i++) {
    const struct counts *from = &until[i], *to = &until[i + 1];
    printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", cost[i], to->waiting - from->waiting, to->pauses - from->pauses,
           to->sleeps - from->sleeps, to->rings - from->rings);
  }
  return 0;
}
