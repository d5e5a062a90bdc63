/* C: every instruction of RV64C in its compressed encoding, with the ends of its immediate range. */
#include "isa.h"

/* One instruction on a0 (and a1), from and to known values. */
#define ON_A0(instruction, before)                                                          \
  {                                                                                         \
    register uint64_t a0 __asm__("a0") = (before);                                          \
    register uint64_t a1 __asm__("a1") = 0x0123456789abcdef;                                \
    __asm__ volatile(instruction : "+r"(a0) : "r"(a1));                                     \
    result(instruction " " #before, a0);                                                    \
  }
#define ON_TWO(instruction) \
  ON_A0(instruction, 0) ON_A0(instruction, 0x7fffffff) ON_A0(instruction, 0xfedcba9876543210) ON_A0(instruction, -1ul)

static void arithmetic(void) {
  ON_TWO("c.li a0, 0") ON_TWO("c.li a0, -32") ON_TWO("c.li a0, 31")
  ON_TWO("c.lui a0, 1") ON_TWO("c.lui a0, 31") ON_TWO("c.lui a0, 0xfffe0") ON_TWO("c.lui a0, 0xfffff")
  ON_TWO("c.addi a0, 1") ON_TWO("c.addi a0, -32") ON_TWO("c.addi a0, 31")
  ON_TWO("c.addiw a0, 0") ON_TWO("c.addiw a0, 31") ON_TWO("c.addiw a0, -32")
  ON_TWO("c.slli a0, 1") ON_TWO("c.slli a0, 31") ON_TWO("c.slli a0, 32") ON_TWO("c.slli a0, 63")
  ON_TWO("c.srli a0, 1") ON_TWO("c.srli a0, 31") ON_TWO("c.srli a0, 32") ON_TWO("c.srli a0, 63")
  ON_TWO("c.srai a0, 1") ON_TWO("c.srai a0, 31") ON_TWO("c.srai a0, 32") ON_TWO("c.srai a0, 63")
  ON_TWO("c.andi a0, 0") ON_TWO("c.andi a0, 31") ON_TWO("c.andi a0, -32")
  ON_TWO("c.mv a0, a1") ON_TWO("c.add a0, a1") ON_TWO("c.add a0, a0")
  ON_TWO("c.sub a0, a1") ON_TWO("c.xor a0, a1") ON_TWO("c.or a0, a1") ON_TWO("c.and a0, a1")
  ON_TWO("c.addw a0, a1") ON_TWO("c.subw a0, a1")
  ON_TWO("c.nop")
}

/* Forms that name sp, with sp in the middle of an area of our own: where sp is afterwards, and a0. */
static uint64_t area[256] __attribute__((aligned(16)));

static void fill(void) {
  for (size_t i = 0; i < COUNT(area); i++) area[i] = 0x8182838485868788 + i * 0x0101010101010101;
}

#define ON_STACK(instruction)                                                                       \
  {                                                                                                 \
    register uint64_t a0 __asm__("a0") = 0;                                                         \
    uint64_t moved;                                                                                 \
    fill();                                                                                         \
    __asm__ volatile("mv t0, sp\n addi sp, %2, 1024\n" instruction "\n mv %1, sp\n mv sp, t0"       \
                     : "+r"(a0), "=&r"(moved) : "r"(area) : "t0", "memory");                        \
    label(instruction, moved - (uint64_t)area);                                                     \
    field(a0);                                                                                      \
    put('\n');                                                                                      \
  }

/* a0 becomes an address, so print it relative to the area. */
#define ADDRESS(displacement)                                                                       \
  {                                                                                                 \
    register uint64_t a0 __asm__("a0");                                                             \
    __asm__ volatile("mv t0, sp\n addi sp, %1, 1024\n c.addi4spn a0, sp, " #displacement "\n mv sp, t0" \
                     : "=&r"(a0) : "r"(area) : "t0");                                               \
    result("c.addi4spn " #displacement, a0 - (uint64_t)area);                                       \
  }

static void stack_pointer(void) {
  ON_STACK("c.addi16sp sp, 16") ON_STACK("c.addi16sp sp, 496") ON_STACK("c.addi16sp sp, -16")
  ON_STACK("c.addi16sp sp, -512") ON_STACK("c.addi16sp sp, 32") ON_STACK("c.addi16sp sp, 64") ON_STACK("c.addi16sp sp, 128")
  ADDRESS(4) ADDRESS(8) ADDRESS(16) ADDRESS(64) ADDRESS(508) ADDRESS(512) ADDRESS(1020)
  ON_STACK("c.lwsp a0, 0(sp)") ON_STACK("c.lwsp a0, 4(sp)") ON_STACK("c.lwsp a0, 64(sp)") ON_STACK("c.lwsp a0, 252(sp)")
  ON_STACK("c.ldsp a0, 0(sp)") ON_STACK("c.ldsp a0, 8(sp)") ON_STACK("c.ldsp a0, 64(sp)") ON_STACK("c.ldsp a0, 504(sp)")
  ON_STACK("c.li a0, -3; c.swsp a0, 0(sp); c.ldsp a0, 0(sp)")
  ON_STACK("c.li a0, -3; c.swsp a0, 252(sp); c.ldsp a0, 248(sp)")
  ON_STACK("c.li a0, -3; c.sdsp a0, 0(sp); c.ldsp a0, 0(sp)")
  ON_STACK("c.li a0, -3; c.sdsp a0, 504(sp); c.ldsp a0, 504(sp)")
  ON_STACK("c.fldsp fa0, 0(sp); fmv.x.d a0, fa0") ON_STACK("c.fldsp fa0, 504(sp); fmv.x.d a0, fa0")
  ON_STACK("c.fldsp fa0, 8(sp); c.fsdsp fa0, 504(sp); c.ldsp a0, 504(sp)")
}

/* ---- Loads and stores of the eight short registers ---- */

#define IN_MEMORY(instruction)                                                                      \
  {                                                                                                 \
    register uint64_t a0 __asm__("a0") = 0;                                                         \
    register uint64_t a1 __asm__("a1") = (uint64_t)area + 1024;                                     \
    fill();                                                                                         \
    __asm__ volatile(instruction : "+r"(a0), "+r"(a1) : : "fa0", "memory");                         \
    result(instruction, a0);                                                                        \
  }

static void memory(void) {
  IN_MEMORY("c.lw a0, 0(a1)") IN_MEMORY("c.lw a0, 4(a1)") IN_MEMORY("c.lw a0, 64(a1)") IN_MEMORY("c.lw a0, 124(a1)")
  IN_MEMORY("c.ld a0, 0(a1)") IN_MEMORY("c.ld a0, 8(a1)") IN_MEMORY("c.ld a0, 64(a1)") IN_MEMORY("c.ld a0, 248(a1)")
  IN_MEMORY("c.ld a1, 8(a1); c.mv a0, a1")
  IN_MEMORY("c.li a0, -2; c.sw a0, 0(a1); c.ld a0, 0(a1)") IN_MEMORY("c.li a0, -2; c.sw a0, 124(a1); c.ld a0, 120(a1)")
  IN_MEMORY("c.li a0, -2; c.sd a0, 0(a1); c.ld a0, 0(a1)") IN_MEMORY("c.li a0, -2; c.sd a0, 248(a1); c.ld a0, 248(a1)")
  IN_MEMORY("c.fld fa0, 0(a1); fmv.x.d a0, fa0") IN_MEMORY("c.fld fa0, 248(a1); fmv.x.d a0, fa0")
  IN_MEMORY("c.fld fa0, 8(a1); c.fsd fa0, 248(a1); c.ld a0, 248(a1)")
}

/* ---- Jumps ---- */

static void jumps(void) {
  register uint64_t a0 __asm__("a0") = 0;
  uint64_t link, target;
  __asm__ volatile("c.j 1f\n c.li a0, 9\n 1: c.addi a0, 1" : "+r"(a0));
  result("c.j", a0);
  a0 = 0;
  __asm__ volatile("c.j 2f\n 1: c.addi a0, 1\n c.j 3f\n 2: c.j 1b\n 3:" : "+r"(a0));
  result("c.j backward", a0);
  for (int64_t value = -1; value < 2; value++) {
    a0 = (uint64_t)value;
    __asm__ volatile("c.beqz a0, 1f\n c.li a0, 5\n 1:" : "+r"(a0));
    result("c.beqz", a0);
    a0 = (uint64_t)value;
    __asm__ volatile("c.bnez a0, 1f\n c.li a0, 5\n 1:" : "+r"(a0));
    result("c.bnez", a0);
  }
  a0 = 0;
  __asm__ volatile("lla t0, 1f\n c.jr t0\n c.li a0, 9\n 1: c.addi a0, 1" : "+r"(a0) : : "t0");
  result("c.jr", a0);
  __asm__ volatile("lla t0, 2f\n lla %1, 1f\n c.jalr t0\n 1: c.nop\n 2: mv %0, ra"
                   : "=&r"(link), "=&r"(target) : : "t0", "ra");
  result("c.jalr links two bytes on", link == target);
  a0 = 0;
  __asm__ volatile("lla ra, 2f\n lla t1, 1f\n c.jalr ra\n 1: c.addi a0, 2\n 2: c.addi a0, 1\n xor t1, t1, ra\n add a0, a0, t1"
                   : "+r"(a0) : : "ra", "t1");
  result("c.jalr ra", a0);

  /* A 4-byte instruction at an address that is 2 modulo 4, and a jump into the middle of that pattern. */
  a0 = 0;
  __asm__ volatile(".balign 4\n c.nop\n addi a0, a0, 1000\n c.addi a0, 1\n addi a0, a0, 1000" : "+r"(a0));
  result("unaligned 4-byte instructions", a0);

  /* The second half of lui is a valid c.addi: the same bytes decode differently from each entry. */
  uint64_t first, second;
  register uint64_t t3 __asm__("t3") = 0;
  a0 = 0;
  __asm__ volatile("1: .4byte 0x05050e37\n" /* lui t3, 0x5050; from 1b + 2: c.addi a0, 1 */
                   " c.bnez a0, 2f\n c.mv t4, t3\n lla t0, 1b\n c.addi t0, 2\n c.jr t0\n 2: c.mv %0, t4\n c.mv %1, a0"
                   : "=r"(first), "=r"(second), "+r"(a0), "+r"(t3) : : "t0", "t4");
  result("overlapping instructions, from the start", first);
  result("overlapping instructions, from the middle", second);
}

/* Hints execute as nothing. */
static void hints(void) {
  register uint64_t a0 __asm__("a0") = 0x77;
  __asm__ volatile(".2byte 0x0005\n"  /* c.nop 1 */
                   ".2byte 0x4005\n"  /* c.li x0, 1 */
                   ".2byte 0x6005\n"  /* c.lui x0, 1 */
                   ".2byte 0x802a\n"  /* c.mv x0, a0 */
                   ".2byte 0x902a\n"  /* c.add x0, a0 */
                   ".2byte 0x0006\n"  /* c.slli x0, 1 */
                   ".2byte 0x8101"    /* c.srli64 a0: shift by 0 */
                   : "+r"(a0));
  result("hints", a0);
}

void run_tests(void) {
  arithmetic();
  stack_pointer();
  memory();
  jumps();
  hints();
}
