/* Model checker of the rings: the library's own code, every interleaving, every order in which stores may become visible.
 *
 *   aec-model CALLS BATCH [drop-store|drop-full]
 *
 * Two coroutines, caller and server, run the library compiled with AEC_MODEL, so that each access to shared memory and
 * each fence is a step. Stores wait in a buffer of their hart and reach memory one by one: those to one word in order,
 * those before a fence rw,w before those behind it, any others in any order; fence rw,rw waits until the buffer is empty.
 * Loads are in program order, so fence r,rw is not put to the test. States are explored depth first and told apart by a
 * hash of everything: shared memory, private memory, stacks, buffers. Both sides sleep whenever they find nothing, so a
 * lost wake-up is a state where nobody can go on.
 *
 * Prints "ok" or what is wrong. With drop-... a fence does nothing, and something must go wrong. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aec_private.h"

enum { CALLER, SERVER, HARTS, STACK = 3072, ARENA = 4096, BUFFER = 24, RING = 4, MOST_CALLS = 8, DEPTH = 4000 };
enum { TABLE_BITS = 22 };

struct store {
  uint64_t *word; /* the aligned 8 bytes */
  uint64_t value, mask;
  uint32_t epoch;
};

enum operation { RUN, LOAD, STORE, FENCE_FULL, SLEEP, DONE };

struct hart {
  void *sp;
  uint32_t operation, stores, epoch;
  uint64_t rings, heard;
  struct store buffer[BUFFER];
};

/* All that changes. */
static struct state {
  struct hart hart[HARTS];
  struct aec aec[HARTS];
  uint8_t stack[HARTS][STACK] __attribute__((aligned(16)));
  uint8_t arena[HARTS][ARENA] __attribute__((aligned(16)));
  uint8_t control[HARTS][1280]; /* of the region, when it is put away */
  uint32_t served[MOST_CALLS];
} w;

static uint8_t region[AEC_MIN_REGION] __attribute__((aligned(4096)));
static uint32_t calls, batch;
static int drop_store, drop_full, running = -1;
static void *scheduler_sp;
static const char *violation;

static void wrong(const char *what) {
  if (!violation) violation = what;
}

/* ---- Coroutines ---- */

void model_switch(void **from, void *to);
__asm__(".text\nmodel_switch:\n"
        "addi sp,sp,-112\nsd ra,0(sp)\nsd s0,8(sp)\nsd s1,16(sp)\nsd s2,24(sp)\nsd s3,32(sp)\nsd s4,40(sp)\nsd s5,48(sp)\n"
        "sd s6,56(sp)\nsd s7,64(sp)\nsd s8,72(sp)\nsd s9,80(sp)\nsd s10,88(sp)\nsd s11,96(sp)\nsd sp,0(a0)\nmv sp,a1\n"
        "ld ra,0(sp)\nld s0,8(sp)\nld s1,16(sp)\nld s2,24(sp)\nld s3,32(sp)\nld s4,40(sp)\nld s5,48(sp)\nld s6,56(sp)\n"
        "ld s7,64(sp)\nld s8,72(sp)\nld s9,80(sp)\nld s10,88(sp)\nld s11,96(sp)\naddi sp,sp,112\nret\n");

static void yield(enum operation operation) {
  if (running < 0) return; /* setup is no part of the model */
  struct hart *h = &w.hart[running];
  h->operation = operation;
  model_switch(&h->sp, scheduler_sp);
}

/* ---- Memory as a hart sees it ---- */

static uint64_t *word_of(const void *p) { return (uint64_t *)((uintptr_t)p & ~(uintptr_t)7); }

static uint64_t see(const void *p) {
  uint64_t *word = word_of(p), value = *word;
  if (running < 0) return value;
  struct hart *h = &w.hart[running];
  for (uint32_t i = 0; i < h->stores; i++)
    if (h->buffer[i].word == word) value = (value & ~h->buffer[i].mask) | h->buffer[i].value;
  return value;
}

static void put(void *p, uint64_t value, uint64_t mask) {
  yield(STORE);
  struct hart *h = &w.hart[running];
  if (h->stores == BUFFER) wrong("the model's store buffer is too small");
  else h->buffer[h->stores++] = (struct store){word_of(p), value, mask, h->epoch};
}

uint32_t aec_load32(const void *p) {
  yield(LOAD);
  return (uint32_t)(see(p) >> (8 * ((uintptr_t)p & 7)));
}
uint64_t aec_load64(const void *p) {
  yield(LOAD);
  return see(p);
}
void aec_store32(void *p, uint32_t v) {
  unsigned shift = 8 * ((uintptr_t)p & 7);
  put(p, (uint64_t)v << shift, 0xffffffffull << shift);
}
void aec_store64(void *p, uint64_t v) { put(p, v, ~0ull); }
void aec_fence_store(void) {
  if (!drop_store) w.hart[running].epoch++;
}
void aec_fence_load(void) {}
void aec_fence_full(void) {
  if (!drop_full) yield(FENCE_FULL);
}
void aec_pause(void) {}

static uint32_t door(struct aec *e, uint32_t what, uint32_t microseconds) {
  (void)microseconds;
  int me = e->role == AEC_ENCLAVE ? CALLER : SERVER;
  if (what & AEC_RING) w.hart[!me].rings++;
  if (what & AEC_SLEEP) {
    yield(SLEEP);
    w.hart[me].heard = w.hart[me].rings;
  }
  return AEC_LIVE;
}
static const struct aec_port port = {.door = door};

/* ---- What the two do ---- */

static int32_t function(struct aec_request *r) {
  uint64_t n = *(const uint64_t *)r->arg;
  if (r->arg_len != 8 || n >= calls) wrong("an argument that nobody sent");
  else if (++w.served[n] != 1) wrong("a call was served twice");
  r->ret_val = n * 3 + 1;
  return AEC_OK;
}
static const struct aec_entry table[] = {{.function = function, .arg_max = 24}};

static void call(void) {
  struct aec_tx *t = &w.aec[CALLER].tx[0];
  for (uint64_t n = 0; n < calls;) {
    aec_ticket ticket[MOST_CALLS];
    uint64_t first = n;
    for (; n < calls && n - first < batch; n++) {
      struct aec_submission s = {.arg = &n, .arg_len = sizeof n, .more = n + 1 < calls && n + 1 - first < batch};
      if (aec_submit(t, &s, &ticket[n - first])) wrong("submit");
    }
    for (uint64_t i = first; i < n; i++) {
      struct aec_result r;
      int error;
      while ((error = aec_take(t, ticket[i - first], &r)) == AEC_E_AGAIN)
        if (aec_poll(t) == 0) aec_idle_caller(t, 1, 0);
      if (error || r.status || r.ret_val != i * 3 + 1) wrong("a wrong completion");
    }
  }
  for (;;) yield(DONE);
}

static void serve(void) {
  for (;;)
    if (aec_serve(&w.aec[SERVER]) == 0) aec_idle_server(&w.aec[SERVER], 1);
}

static void begin(int hart, void (*body)(void)) {
  uint64_t *frame = (uint64_t *)(w.stack[hart] + STACK - 112);
  frame[0] = (uint64_t)(uintptr_t)body;
  w.hart[hart].sp = frame;
}

/* ---- Setup ---- */

static void set_up_sides(void) {
  static const struct aec_limits limits = {.max_arg = 8, .max_entries = RING, .poll_turns = 1};
  for (int i = 0; i < HARTS; i++) {
    int error = aec_setup(&w.aec[i], region, sizeof region, i == CALLER ? AEC_ENCLAVE : AEC_HOST, AEC_ASYNC_ADAPTIVE, &limits, &port,
                          w.arena[i], ARENA);
    if (error) {
      fprintf(stderr, "aec-model: aec_setup: %d\n", error);
      exit(1);
    }
  }
  aec_register(&w.aec[SERVER], table, 1);
}

static void set_up(void) {
  struct aec_header *h = (struct aec_header *)(region + sizeof region / 2);
  uint32_t half = sizeof region / 2;
  *h = (struct aec_header){.magic = AEC_MAGIC, .major = AEC_MAJOR, .region_len = sizeof region, .n_osq = 1, .log2_entries = AEC_MIN_LOG2, .state = AEC_LIVE,
                           .off = {[AEC_ZE] = half + AEC_PAGE, [AEC_DE] = half + 2 * AEC_PAGE, [AEC_DH] = AEC_PAGE},
                           .len = {[AEC_ZE] = AEC_PAGE, [AEC_ZH] = AEC_PAGE, [AEC_DE] = AEC_PAGE, [AEC_DH] = AEC_PAGE}};
  set_up_sides();
  begin(CALLER, call);
  begin(SERVER, serve);
}

/* ---- Exploration ---- */

static uint8_t *control_of(int hart) { return hart == CALLER ? region + sizeof region / 2 + AEC_PAGE : region; }

static void put_away(struct state *s) {
  for (int i = 0; i < HARTS; i++) {
    memcpy(w.control[i], control_of(i), sizeof w.control[i]);
    if (w.aec[i].n_tx) w.aec[i].tx[0].stat = (struct aec_statistics){0};
    if (w.aec[i].n_rx) w.aec[i].rx[0].stat = (struct aec_statistics){0};
    memset(w.stack[i], 0, (size_t)((uint8_t *)w.hart[i].sp - w.stack[i])); /* what was left below does not matter */
    for (uint32_t k = w.hart[i].stores; k < BUFFER; k++) w.hart[i].buffer[k] = (struct store){0};
    if (w.hart[i].stores == 0) w.hart[i].epoch = 0;
    uint64_t news = w.hart[i].rings != w.hart[i].heard; /* how many does not matter */
    w.hart[i].heard = 0;
    w.hart[i].rings = news;
  }
  memcpy(s, &w, sizeof w);
}

static void bring_back(const struct state *s) {
  memcpy(&w, s, sizeof w);
  for (int i = 0; i < HARTS; i++) memcpy(control_of(i), w.control[i], sizeof w.control[i]);
}

static uint64_t *seen;

static int is_new(const struct state *s) {
  const uint64_t *p = (const uint64_t *)s;
  uint64_t h = 0x243f6a8885a308d3u;
  for (size_t i = 0; i < sizeof *s / 8; i++) h = ((h ^ p[i]) * 0x9e3779b97f4a7c15u) ^ (h >> 29);
  h |= 1;
  for (uint64_t at = h >> (64 - TABLE_BITS);; at = (at + 1) & ((1u << TABLE_BITS) - 1)) {
    if (seen[at] == h) return 0;
    if (seen[at] == 0) {
      seen[at] = h;
      return 1;
    }
  }
}

/* Choice 0 of a hart is its next step, choice k > 0 makes its k-th waiting store visible. */
static int possible(int hart, uint32_t choice) {
  const struct hart *h = &w.hart[hart];
  if (choice == 0)
    return h->operation != DONE && !(h->operation == FENCE_FULL && h->stores) && !(h->operation == SLEEP && h->rings == h->heard);
  const struct store *s = &h->buffer[choice - 1];
  if (choice > h->stores) return 0;
  for (uint32_t i = 0; i < choice - 1; i++)
    if (h->buffer[i].epoch < s->epoch || h->buffer[i].word == s->word) return 0;
  return 1;
}

static void act(int hart, uint32_t choice) {
  struct hart *h = &w.hart[hart];
  if (choice == 0) {
    running = hart;
    model_switch(&scheduler_sp, h->sp);
    return;
  }
  struct store *s = &h->buffer[choice - 1];
  *s->word = (*s->word & ~s->mask) | s->value;
  memmove(s, s + 1, (h->stores - choice) * sizeof *s);
  h->stores--;
}

static uint64_t states, transitions;

static void explore(void) {
  static struct {
    struct state state;
    uint32_t hart, choice, moves;
  } *stack;
  stack = malloc(sizeof *stack * DEPTH);
  int depth = 0;
  put_away(&stack[0].state);
  is_new(&stack[0].state);
  stack[0].hart = stack[0].choice = stack[0].moves = 0;
  states = 1;
  while (depth >= 0 && !violation) {
    bring_back(&stack[depth].state);
    uint32_t hart = stack[depth].hart, choice = stack[depth].choice;
    while (hart < HARTS && !possible((int)hart, choice))
      if (choice < w.hart[hart].stores) choice++;
      else hart++, choice = 0;
    if (hart == HARTS) {
      if (stack[depth].moves == 0) {
        if (w.hart[CALLER].operation != DONE) wrong("nobody can go on: a wake-up was lost");
        for (uint32_t i = 0; i < calls; i++)
          if (w.served[i] != 1) wrong("a call was not served");
      }
      depth--;
      continue;
    }
    stack[depth].hart = hart;
    stack[depth].choice = choice + 1;
    stack[depth].moves++;
    act((int)hart, choice);
    transitions++;
    if (depth + 1 == DEPTH) {
      wrong("deeper than the model can go");
      break;
    }
    put_away(&stack[depth + 1].state);
    if (is_new(&stack[depth + 1].state)) {
      if (++states > (1u << TABLE_BITS) * 3 / 4) wrong("more states than the table holds");
      depth++;
      stack[depth].hart = stack[depth].choice = stack[depth].moves = 0;
    }
  }
  free(stack);
}

int main(int argc, char **argv) {
  if (argc >= 3) calls = (uint32_t)strtoul(argv[1], NULL, 0), batch = (uint32_t)strtoul(argv[2], NULL, 0);
  if (argc == 4) drop_store = strcmp(argv[3], "drop-store") == 0, drop_full = strcmp(argv[3], "drop-full") == 0;
  if (argc < 3 || argc > 4 || (argc == 4 && !drop_store && !drop_full) || calls == 0 || calls > MOST_CALLS || batch == 0 || batch > 2) {
    fprintf(stderr, "usage: aec-model CALLS BATCH [drop-store|drop-full]\n");
    return 2;
  }
  seen = calloc(1u << TABLE_BITS, sizeof *seen);
  set_up();
  explore();
  fprintf(stderr, "%llu states, %llu transitions\n", (unsigned long long)states, (unsigned long long)transitions);
  puts(violation ? violation : "ok");
  return violation != NULL;
}
