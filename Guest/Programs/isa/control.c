/* Branches, jumps and calls: every condition on all pairs, links, jalr's dropped bit, tables, deep recursion. */
#include "isa.h"

static const uint64_t operands[] = {
    0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffff80000000, 0xffffffffffffffff,
};

#define CONDITIONS(X) X(beq) X(bne) X(blt) X(bge) X(bltu) X(bgeu)

/* Forward when taken, and backward when taken: 1 each. */
#define DEFINE(name)                                                                                \
  static uint64_t op_##name(uint64_t a, uint64_t b) {                                               \
    uint64_t forward = 0, backward = 0;                                                             \
    __asm__ volatile(#name " %1, %2, 1f\n j 2f\n1: li %0, 1\n2:" : "+r"(forward) : "r"(a), "r"(b)); \
    __asm__ volatile("j 2f\n1: li %0, 1\n j 3f\n2: " #name " %1, %2, 1b\n3:"                        \
                     : "+r"(backward) : "r"(a), "r"(b));                                            \
    return forward | backward << 4;                                                                 \
  }
CONDITIONS(DEFINE)
#undef DEFINE

#define ENTRY(name) {#name, op_##name},
static const struct {
  const char *name;
  uint64_t (*run)(uint64_t, uint64_t);
} conditions[] = {CONDITIONS(ENTRY)};

static void jumps(void) {
  uint64_t link, target, flag = 0;
  __asm__ volatile(".option push\n.option norvc\n"
                   "lla %1, 1f\n"
                   "jal %0, 2f\n"
                   "1: nop\n"
                   "2:\n"
                   ".option pop" : "=&r"(link), "=&r"(target));
  result("jal links to the next instruction", link == target);

  __asm__ volatile(".option push\n.option norvc\n"
                   "lla %1, 1f\n"
                   "jalr %0, 5(%1)\n" /* bit 0 of the sum is dropped: lands at 1f + 4 */
                   "1: j 3f\n"
                   "li %2, 1\n"
                   "3:\n"
                   ".option pop" : "=&r"(link), "=&r"(target), "+r"(flag));
  result("jalr drops bit 0", flag);
  result("jalr links to the next instruction", link == target);

  flag = 0;
  __asm__ volatile("lla %0, 1f\n jalr %0, 0(%0)\n1: li %1, 7\n" : "=&r"(link), "+r"(flag));
  result("jalr with rd = rs1", flag);

  flag = 0;
  __asm__ volatile("lla t0, 1f\n jalr t0, t0\n j 2f\n1: addi %0, %0, 1\n jr t0\n2:" : "+r"(flag) : : "t0");
  result("call and return through t0", flag);

  flag = 0;
  __asm__ volatile("lla ra, 1f\n ret\n li %0, 9\n1:" : "+r"(flag) : : "ra");
  result("return that nobody called", flag);
}

/* Return addresses that a return stack predicts wrongly: the callee swaps them. */
static void swapped_returns(void) {
  uint64_t order = 0;
  __asm__ volatile("lla t1, 3f\n"
                   "jal ra, 1f\n"
                   "slli %0, %0, 4\n ori %0, %0, 1\n j 4f\n"
                   "1: mv t2, ra\n mv ra, t1\n ret\n"
                   "3: slli %0, %0, 4\n ori %0, %0, 2\n jr t2\n"
                   "4:" : "+r"(order) : : "ra", "t1", "t2");
  result("swapped return addresses", order);
}

static __attribute__((noinline)) uint64_t ackermann(uint64_t m, uint64_t n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

static uint64_t f0(uint64_t x) { return x + 1; }
static uint64_t f1(uint64_t x) { return x * 3; }
static uint64_t f2(uint64_t x) { return x ^ (x >> 7); }
static uint64_t f3(uint64_t x) { return x - 12345; }

static void tables(void) {
  static uint64_t (*const functions[])(uint64_t) = {f0, f1, f2, f3};
  uint64_t x = 1;
  for (uint64_t i = 0; i < 10000; i++) x = functions[(x >> 3 ^ i) % 4](x);
  result("indirect calls", x);

  uint64_t sum = 0;
  for (uint64_t i = 0; i < 1000; i++) {
    volatile uint64_t selector = i * 2654435761u % 13;
    switch (selector) {
      case 0: sum += 3; break;
      case 1: sum ^= i; break;
      case 2: sum *= 5; break;
      case 3: sum -= 7; break;
      case 4: sum = sum << 1 | sum >> 63; break;
      case 5: sum += i * i; break;
      case 6: sum ^= 0x5a5a; break;
      case 7: continue;
      case 8: sum = ~sum; break;
      case 9: sum += sum >> 3; break;
      default: sum += selector;
    }
  }
  result("switch", sum);
}

/* Further than a conditional branch or a compressed jump reaches. */
static void far(void) {
  uint64_t x = 0;
  __asm__ volatile("bnez %0, 1f\n li %0, 1\n 1: j 3f\n .skip 8192\n 2: addi %0, %0, 16\n j 4f\n .skip 8192\n 3: j 2b\n 4:" : "+r"(x));
  result("jumps of 8 KiB", x);
}

void run_tests(void) {
  for (size_t op = 0; op < COUNT(conditions); op++)
    for (size_t i = 0; i < COUNT(operands); i++) {
      label(conditions[op].name, operands[i]);
      for (size_t j = 0; j < COUNT(operands); j++) {
        put(' ');
        hex(conditions[op].run(operands[i], operands[j]), 2);
      }
      put('\n');
    }
  jumps();
  swapped_returns();
  result("ackermann 2 300", ackermann(2, 300));
  result("ackermann 3 6", ackermann(3, 6));
  tables();
  far();
}
