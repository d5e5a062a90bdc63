/* RV64I and M: every register-register operation on all pairs of awkward operands, every immediate form. */
#include "isa.h"

static const uint64_t operands[] = {
    0, 1, 31, 32, 0x7fffffff, 0x80000000, 0xffffffff, 0x0123456789abcdef, 0x7fffffffffffffff, 0x8000000000000000,
    0xfedcba9876543210, 0xffffffff80000000, 0xffffffffffffffff,
};

/* ---- Two registers ---- */

#define BINARY(X)                                                                                                     \
  X(add) X(sub) X(sll) X(slt) X(sltu) X(xor) X(srl) X(sra) X(or) X(and)                                               \
  X(addw) X(subw) X(sllw) X(srlw) X(sraw)                                                                             \
  X(mul) X(mulh) X(mulhsu) X(mulhu) X(div) X(divu) X(rem) X(remu) X(mulw) X(divw) X(divuw) X(remw) X(remuw)

#define DEFINE(name)                                                                  \
  static uint64_t op_##name(uint64_t a, uint64_t b) {                                 \
    uint64_t r;                                                                       \
    __asm__ volatile(#name " %0, %1, %2" : "=r"(r) : "r"(a), "r"(b));                 \
    return r;                                                                         \
  }
BINARY(DEFINE)
#undef DEFINE

#define ENTRY(name) {#name, op_##name},
static const struct {
  const char *name;
  uint64_t (*run)(uint64_t, uint64_t);
} binary[] = {BINARY(ENTRY)};

/* Source and destination the same register, and both sources the same. */
#define SAME(name)                                                                                  \
  {                                                                                                 \
    uint64_t r1 = 0xfedcba9876543210, r2 = 0xfedcba9876543210, b = 0x1b;                             \
    __asm__ volatile(#name " %0, %0, %2\n" #name " %1, %1, %1" : "+r"(r1), "+r"(r2) : "r"(b));      \
    label(#name " rd=rs1, rd=rs1=rs2", b);                                                          \
    field(r1);                                                                                      \
    field(r2);                                                                                      \
    put('\n');                                                                                      \
  }

/* ---- Immediates ---- */

#define IMMEDIATE(name, value)                                                        \
  text(#name " " #value ":");                                                         \
  for (size_t i = 0; i < COUNT(operands); i++) {                                      \
    uint64_t r;                                                                       \
    __asm__ volatile(#name " %0, %1, " #value : "=r"(r) : "r"(operands[i]));          \
    field(r);                                                                         \
  }                                                                                   \
  put('\n');

#define IMMEDIATES(name) \
  IMMEDIATE(name, 0) IMMEDIATE(name, 1) IMMEDIATE(name, -1) IMMEDIATE(name, 2047) IMMEDIATE(name, -2048)
#define SHIFTS(name) IMMEDIATE(name, 0) IMMEDIATE(name, 1) IMMEDIATE(name, 31)
#define LONG_SHIFTS(name) SHIFTS(name) IMMEDIATE(name, 32) IMMEDIATE(name, 63)

static void immediates(void) {
  IMMEDIATES(addi)
  IMMEDIATES(slti)
  IMMEDIATES(sltiu)
  IMMEDIATES(xori)
  IMMEDIATES(ori)
  IMMEDIATES(andi)
  IMMEDIATES(addiw)
  LONG_SHIFTS(slli)
  LONG_SHIFTS(srli)
  LONG_SHIFTS(srai)
  SHIFTS(slliw)
  SHIFTS(srliw)
  SHIFTS(sraiw)
}

#define UPPER(value)                                                                            \
  {                                                                                             \
    uint64_t r, here, up;                                                                       \
    __asm__ volatile("lui %0, " #value "\n1: auipc %1, 0\n auipc %2, " #value                    \
                     : "=&r"(r), "=&r"(here), "=&r"(up));                                       \
    result("lui " #value, r);                                                                   \
    result("auipc " #value, up - here);                                                         \
  }

static void uppers(void) {
  __asm__ volatile(".option push\n.option norvc"); /* auipc distances without compression */
  UPPER(0)
  UPPER(1)
  UPPER(0x7ffff)
  UPPER(0x80000)
  UPPER(0xfffff)
  __asm__ volatile(".option pop");
}

/* ---- x0 ---- */

static void zero_register(void) {
  uint64_t r, x = 0x1234, memory = 0x5555;
  __asm__ volatile("add x0, %1, %1\n mv %0, x0" : "=r"(r) : "r"(x));
  result("x0 after add", r);
  __asm__ volatile("ld x0, 0(%1)\n mv %0, x0" : "=r"(r) : "r"(&memory) : "memory");
  result("x0 after ld", r);
  __asm__ volatile("div x0, %1, x0\n mv %0, x0" : "=r"(r) : "r"(x));
  result("x0 after div", r);
  __asm__ volatile("jal x0, 1f\n 1: mv %0, x0" : "=r"(r));
  result("x0 after jal", r);
  __asm__ volatile("lui x0, 5\n mv %0, x0" : "=r"(r));
  result("x0 after lui", r);
  __asm__ volatile("amoadd.d x0, %1, (%2)\n mv %0, x0" : "=r"(r) : "r"(x), "r"(&memory) : "memory");
  result("x0 after amoadd", r);
  result("memory after amoadd", memory);
}

void run_tests(void) {
  for (size_t op = 0; op < COUNT(binary); op++)
    for (size_t i = 0; i < COUNT(operands); i++) {
      label(binary[op].name, operands[i]);
      for (size_t j = 0; j < COUNT(operands); j++) field(binary[op].run(operands[i], operands[j]));
      put('\n');
    }
  BINARY(SAME)
  immediates();
  uppers();
  zero_register();
}
