/* A: every AMO on all pairs of operands with every ordering, and the rules of lr/sc that every implementation obeys. */
#include "isa.h"

static const uint64_t operands[] = {
    0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x123456789abcdef0, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff,
};

#define AMOS(X) \
  X(amoswap) X(amoadd) X(amoxor) X(amoand) X(amoor) X(amomin) X(amomax) X(amominu) X(amomaxu)

/* rd, and memory afterwards with its neighbour. */
#define DEFINE(name)                                                                                                  \
  static uint64_t word_##name(uint64_t *memory, uint64_t b) {                                                         \
    uint64_t r;                                                                                                       \
    __asm__ volatile(#name ".w %0, %1, (%2)" : "=r"(r) : "r"(b), "r"(memory) : "memory");                             \
    return r;                                                                                                         \
  }                                                                                                                   \
  static uint64_t double_##name(uint64_t *memory, uint64_t b) {                                                       \
    uint64_t r;                                                                                                       \
    __asm__ volatile(#name ".d %0, %1, (%2)" : "=r"(r) : "r"(b), "r"(memory) : "memory");                             \
    return r;                                                                                                         \
  }
AMOS(DEFINE)
#undef DEFINE

#define ENTRY(name) {#name ".w", word_##name}, {#name ".d", double_##name},
static const struct {
  const char *name;
  uint64_t (*run)(uint64_t *, uint64_t);
} amos[] = {AMOS(ENTRY)};

#define ORDERED(name)                                                                                       \
  {                                                                                                         \
    uint64_t memory = 10, r = 0, b = 3;                                                                     \
    __asm__ volatile(#name ".d.aq %0, %1, (%2)\n" #name ".d.rl %0, %1, (%2)\n" #name ".d.aqrl %0, %1, (%2)\n" \
                     #name ".w.aq %0, %1, (%2)\n" #name ".w.rl %0, %1, (%2)\n" #name ".w.aqrl %0, %1, (%2)" \
                     : "=&r"(r) : "r"(b), "r"(&memory) : "memory");                                         \
    label(#name " with every ordering", memory);                                                            \
    field(r);                                                                                               \
    put('\n');                                                                                              \
  }

#define ALIASED(name)                                                                                       \
  {                                                                                                         \
    uint64_t memory = 0x8000000000000005, r = 0x7000000000000003;                                           \
    __asm__ volatile(#name ".d %0, %0, (%1)" : "+r"(r) : "r"(&memory) : "memory");                          \
    label(#name " with rd = rs2", memory);                                                                  \
    field(r);                                                                                               \
    put('\n');                                                                                              \
  }

static void reservations(void) {
  static uint64_t memory[1024 + 1] __attribute__((aligned(128))); /* its ends never share a reservation */
  uint64_t loaded, failed, second;
  memory[0] = 0x80000000ffffffff;
  __asm__ volatile("lr.d %0, (%2)\n sc.d %1, %3, (%2)" : "=&r"(loaded), "=&r"(failed) : "r"(memory), "r"(42l) : "memory");
  result("lr.d", loaded);
  result("sc.d", failed);
  result("memory", memory[0]);

  memory[0] = 0x00000000ffffffff;
  __asm__ volatile("lr.w %0, (%2)\n sc.w %1, %3, (%2)" : "=&r"(loaded), "=&r"(failed) : "r"(memory), "r"(-2l) : "memory");
  result("lr.w", loaded);
  result("sc.w", failed);
  result("memory", memory[0]);

  __asm__ volatile("lr.d %0, (%3)\n sc.d %1, %4, (%3)\n sc.d %2, x0, (%3)"
                   : "=&r"(loaded), "=&r"(failed), "=&r"(second) : "r"(memory), "r"(7l) : "memory");
  result("first sc.d", failed);
  result("second sc.d fails", second != 0);
  result("memory", memory[0]);

  __asm__ volatile("lr.d %0, (%2)\n sc.d %1, %3, (%4)"
                   : "=&r"(loaded), "=&r"(failed) : "r"(memory), "r"(9l), "r"(memory + 1024) : "memory");
  result("sc.d elsewhere fails", failed != 0);
  result("memory elsewhere", memory[1024]);

  memory[0] = 100;
  __asm__ volatile("1: lr.d.aq %0, (%2)\n addi %0, %0, 5\n sc.d.rl %1, %0, (%2)\n bnez %1, 1b"
                   : "=&r"(loaded), "=&r"(failed) : "r"(memory) : "memory");
  result("lr/sc loop", memory[0]);

  /* Compare and swap as compilers emit it, succeeding and failing. */
  for (int64_t expected = 105; expected < 107; expected++) {
    int64_t r;
    __asm__ volatile("1: lr.w.aqrl %0, (%2)\n bne %0, %3, 2f\n sc.w.rl %1, %4, (%2)\n bnez %1, 1b\n 2:"
                     : "=&r"(r), "=&r"(failed) : "r"(memory), "r"(expected), "r"(106 + expected) : "memory");
    result("compare and swap read", (uint64_t)r);
    result("memory", memory[0]);
  }

  __asm__ volatile("lr.d %0, (%2)\n sc.d %0, %0, (%2)\n mv %1, %0" : "=&r"(loaded), "=&r"(failed) : "r"(memory) : "memory");
  result("sc.d with rd = rs2", failed);
  result("memory", memory[0]);
}

static void fences(void) {
  __asm__ volatile("fence\n fence rw, rw\n fence r, r\n fence w, w\n fence iorw, iorw\n fence.tso\n fence.i\n"
                   ".insn 0x0100000f" /* pause */);
  result("fences", 1);
}

void run_tests(void) {
  for (size_t op = 0; op < COUNT(amos); op++)
    for (size_t i = 0; i < COUNT(operands); i++) {
      label(amos[op].name, operands[i]);
      for (size_t j = 0; j < COUNT(operands); j++) {
        uint64_t memory[2] = {operands[i], 0x1111111111111111};
        field(amos[op].run(memory, operands[j]));
        put(',');
        hex(memory[0], 16);
        if (memory[1] != 0x1111111111111111) text("!");
      }
      put('\n');
    }
  AMOS(ORDERED)
  AMOS(ALIASED)
  reservations();
  fences();
}
