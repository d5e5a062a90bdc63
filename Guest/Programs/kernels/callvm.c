/* A bytecode interpreter of the other kind: every instruction is a function that is called through its address and
 * returns. The program looks for the longest Collatz sequence below a limit. */
#include "kernels.h"

struct machine;
typedef void operation(struct machine *);

struct instruction {
  operation *run;
  int32_t a, b, c;
};

struct machine {
  const struct instruction *pc;
  int64_t r[8];
  int running;
};

#define OPERATION(NAME, ...)                     \
  static void NAME(struct machine *m) {          \
    const struct instruction *i = m->pc++;       \
    int64_t *r = m->r;                           \
    __VA_ARGS__;                                 \
  }

OPERATION(set, r[i->a] = i->b)
OPERATION(move, r[i->a] = r[i->b])
OPERATION(add_constant, r[i->a] = r[i->b] + i->c)
OPERATION(triple, r[i->a] = r[i->b] * 3)
OPERATION(halve, r[i->a] = r[i->b] >> 1)
OPERATION(jump, (void)r, m->pc += i->a)
OPERATION(jump_if_odd, if (r[i->a] & 1) m->pc += i->b)
OPERATION(jump_if_one, if (r[i->a] == 1) m->pc += i->b)
OPERATION(jump_unless_less, if (r[i->a] >= r[i->b]) m->pc += i->c)
OPERATION(halt, (void)r, m->running = 0 * i->a)

enum { BEST, AT, COUNT, N, START, LIMIT };

static const struct instruction program[] = {
    {set, BEST, 0, 0},
    {set, AT, 0, 0},
    {jump_unless_less, START, LIMIT, 14}, /* each start */
    {move, N, START, 0},
    {set, COUNT, 0, 0},
    {jump_if_one, N, 6, 0}, /* each step */
    {add_constant, COUNT, COUNT, 1},
    {jump_if_odd, N, 2, 0},
    {halve, N, N, 0},
    {jump, -5, 0, 0},
    {triple, N, N, 0},
    {jump, 4, 0, 0},
    {jump_unless_less, BEST, COUNT, 2}, /* the sequence has ended */
    {move, BEST, COUNT, 0},
    {move, AT, START, 0},
    {jump, 2, 0, 0},
    {add_constant, N, N, 1}, /* the rest of an odd step */
    {jump, -13, 0, 0},
    {add_constant, START, START, 1},
    {jump, -18, 0, 0},
};

static uint64_t run(unsigned repeat) {
  /* The limit check of the third instruction leads here, one past the program. */
  static struct instruction code[sizeof program / sizeof *program + 1];
  enum { LENGTH = sizeof program / sizeof *program };
  memcpy(code, program, sizeof program);
  code[LENGTH] = (struct instruction){halt, 0, 0, 0};
  code[2].c = LENGTH - 3;
  uint64_t hash = 0;
  for (unsigned r = 0; r < repeat; r++) {
    struct machine m = {code, {0}, 1};
    m.r[START] = 1 + r;
    m.r[LIMIT] = 1001 + r;
    while (m.running) m.pc->run(&m);
    hash = mix(mix(hash, (uint64_t)m.r[BEST]), (uint64_t)m.r[AT]);
  }
  return hash;
}

const struct kernel callvm = {"callvm", 100, run};
