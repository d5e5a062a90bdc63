/* F and D: conversions between integers and both precisions in every rounding mode with flags, moves, NaN boxing, and
 * how the flags and the rounding mode live in fcsr. */
#include "isa.h"

struct outcome {
  uint64_t bits, flags;
};

static const uint64_t integers[] = {
    0, 1, -1ul, 0x7fffffff, 0x80000000, 0xffffffff, 0xffffffff80000000, 0x1000001, 0x1000003, 0x20000000000001,
    0x20000000000003, 0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffffc01, 0x7ffffffffffffc00, 0x0123456789abcdef,
};

static const uint64_t doubles[] = {
    0x0000000000000000, 0x8000000000000000, 0x0000000000000001, 0x8000000000000001, /* zeros, subnormals */
    0x3fe0000000000000, 0xbfe0000000000000, 0x3ff8000000000000, 0xbff8000000000000, /* +-0.5, +-1.5 */
    0x4004000000000000, 0xc004000000000000, 0x3fefffffffffffff, 0xbfefffffffffffff, /* +-2.5, +-below 1 */
    0x41dfffffffc00000, 0x41dfffffffe00000, 0x41e0000000000000, 0xc1e0000000000000, /* around 2^31 */
    0xc1e0000000100000, 0xc1e0000000200000, 0x41efffffffe00000, 0x41efffffffffffff, /* around -2^31, 2^32 */
    0x41f0000000000000, 0x43dfffffffffffff, 0x43e0000000000000, 0xc3e0000000000000, /* 2^32, around 2^63 */
    0xc3e0000000000001, 0x43efffffffffffff, 0x43f0000000000000, 0x7fefffffffffffff, /* around 2^64 */
    0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000000001, /* infinities, quiet NaNs */
    0x7ff0000000000001,                                                             /* signalling NaN */
    0x36a0000000000000, 0x380fffffe0000000, 0x3810000000000000, 0x380fffffffffffff, /* around single's smallest */
    0x47efffffe0000000, 0x47efffffefffffff, 0x47effffff0000000, 0x3ff0000010000000, /* single's largest, a tie */
    0x3ff0000030000000, 0x3690000000000000, 0x3690000000000001,                     /* a tie, half the smallest */
};

static const uint64_t singles[] = {
    0x00000000, 0x80000000, 0x00000001, 0x807fffff, 0x3f000000, 0xbf000000, 0x3fc00000, 0xbfc00000, 0x40200000, 0xc0200000,
    0x3f7fffff, 0xbf7fffff, 0x4effffff, 0x4f000000, 0xcf000000, 0xcf000001, 0x4f7fffff, 0x4f800000, 0x5effffff, 0x5f000000,
    0xdf000000, 0xdf000001, 0x5f7fffff, 0x5f800000, 0x7f7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7f800001,
};

/* ---- Conversions; the rounding mode is frm ---- */

#define FROM_INTEGER(X) \
  X(fcvt_s_w, "fcvt.s.w", "fmv.x.w") X(fcvt_s_wu, "fcvt.s.wu", "fmv.x.w") X(fcvt_s_l, "fcvt.s.l", "fmv.x.w") \
  X(fcvt_s_lu, "fcvt.s.lu", "fmv.x.w") X(fcvt_d_w, "fcvt.d.w", "fmv.x.d") X(fcvt_d_wu, "fcvt.d.wu", "fmv.x.d") \
  X(fcvt_d_l, "fcvt.d.l", "fmv.x.d") X(fcvt_d_lu, "fcvt.d.lu", "fmv.x.d")
#define FROM_SINGLE(X) X(fcvt_w_s, "fcvt.w.s") X(fcvt_wu_s, "fcvt.wu.s") X(fcvt_l_s, "fcvt.l.s") X(fcvt_lu_s, "fcvt.lu.s")
#define FROM_DOUBLE(X) X(fcvt_w_d, "fcvt.w.d") X(fcvt_wu_d, "fcvt.wu.d") X(fcvt_l_d, "fcvt.l.d") X(fcvt_lu_d, "fcvt.lu.d")

#define DEFINE_FROM_INTEGER(id, name, out)                                                                       \
  static struct outcome id(uint64_t a) {                                                                         \
    struct outcome o;                                                                                            \
    __asm__ volatile("csrw fflags, zero\n" name " ft0, %2\n csrr %1, fflags\n" out " %0, ft0"                    \
                     : "=r"(o.bits), "=&r"(o.flags) : "r"(a) : "ft0");                                           \
    return o;                                                                                                    \
  }
FROM_INTEGER(DEFINE_FROM_INTEGER)

#define DEFINE_TO_INTEGER(id, name, in)                                                                          \
  static struct outcome id(uint64_t a) {                                                                         \
    struct outcome o;                                                                                            \
    __asm__ volatile(in " ft0, %2\n csrw fflags, zero\n" name " %0, ft0, dyn\n csrr %1, fflags"                  \
                     : "=&r"(o.bits), "=&r"(o.flags) : "r"(a) : "ft0");                                          \
    return o;                                                                                                    \
  }
#define DEFINE_FROM_SINGLE(id, name) DEFINE_TO_INTEGER(id, name, "fmv.w.x")
#define DEFINE_FROM_DOUBLE(id, name) DEFINE_TO_INTEGER(id, name, "fmv.d.x")
FROM_SINGLE(DEFINE_FROM_SINGLE)
FROM_DOUBLE(DEFINE_FROM_DOUBLE)

static struct outcome fcvt_s_d(uint64_t a) {
  struct outcome o;
  __asm__ volatile("fmv.d.x ft0, %2\n csrw fflags, zero\n fcvt.s.d ft0, ft0\n csrr %1, fflags\n fmv.x.d %0, ft0"
                   : "=r"(o.bits), "=&r"(o.flags) : "r"(a) : "ft0");
  return o;
}
static struct outcome fcvt_d_s(uint64_t a) {
  struct outcome o;
  __asm__ volatile("fmv.w.x ft0, %2\n csrw fflags, zero\n fcvt.d.s ft0, ft0\n csrr %1, fflags\n fmv.x.d %0, ft0"
                   : "=r"(o.bits), "=&r"(o.flags) : "r"(a) : "ft0");
  return o;
}

#define ENTRY(id, ...) {#id, id},
struct conversion {
  const char *name;
  struct outcome (*run)(uint64_t);
};
static const struct conversion from_integer[] = {FROM_INTEGER(ENTRY)};
static const struct conversion from_single[] = {FROM_SINGLE(ENTRY) ENTRY(fcvt_d_s)};
static const struct conversion from_double[] = {FROM_DOUBLE(ENTRY) ENTRY(fcvt_s_d)};

static void rows(const struct conversion *c, size_t conversions, const uint64_t *operands, size_t count) {
  for (size_t op = 0; op < conversions; op++)
    for (size_t i = 0; i < count; i++) {
      label(c[op].name, operands[i]);
      for (uint64_t mode = 0; mode < 5; mode++) {
        __asm__ volatile("csrw frm, %0" : : "r"(mode));
        struct outcome o = c[op].run(operands[i]);
        field(o.bits);
        put('/');
        hex(o.flags, 2);
      }
      put('\n');
    }
  __asm__ volatile("csrw frm, zero");
}

/* ---- Moves and NaN boxing ---- */

#define BOXED(name, code)                                                             \
  {                                                                                   \
    uint64_t r;                                                                       \
    __asm__ volatile("fmv.d.x ft0, %1\n fmv.d.x ft1, %2\n" code                       \
                     : "=r"(r) : "r"(improper), "r"(proper) : "ft0", "ft1", "ft2", "memory"); \
    result(name, r);                                                                  \
  }

static void boxes(void) {
  const uint64_t improper = 0x123456783f800000, proper = 0xffffffff3f800000; /* 1.0f, badly and well boxed */
  BOXED("fmv.x.w of an improper box", "fmv.x.w %0, ft0")
  BOXED("fmv.x.d of an improper box", "fmv.x.d %0, ft0")
  BOXED("fadd.s with an improper box", "fadd.s ft2, ft0, ft1\n fmv.x.d %0, ft2")
  BOXED("fadd.s with proper boxes", "fadd.s ft2, ft1, ft1\n fmv.x.d %0, ft2")
  BOXED("fsgnj.s of an improper box", "fsgnj.s ft2, ft0, ft0\n fmv.x.d %0, ft2")
  BOXED("fsgnj.s with an improper sign", "fsgnj.s ft2, ft1, ft0\n fmv.x.d %0, ft2")
  BOXED("fsgnjn.s of a proper box", "fsgnjn.s ft2, ft1, ft1\n fmv.x.d %0, ft2")
  BOXED("fmin.s with an improper box", "fmin.s ft2, ft0, ft1\n fmv.x.d %0, ft2")
  BOXED("feq.s with an improper box", "feq.s %0, ft0, ft1")
  BOXED("fclass.s of an improper box", "fclass.s %0, ft0")
  BOXED("fcvt.w.s of an improper box", "fcvt.w.s %0, ft0")
  BOXED("fcvt.d.s of an improper box", "fcvt.d.s ft2, ft0\n fmv.x.d %0, ft2")
  BOXED("fsqrt.s of an improper box", "fsqrt.s ft2, ft0\n fmv.x.d %0, ft2")
  BOXED("fmv.w.x boxes", "fmv.w.x ft2, %1\n fmv.x.d %0, ft2")
  BOXED("fmv.x.w extends the sign", "fneg.s ft2, ft1\n fmv.x.w %0, ft2")
  BOXED("fabs.d of a box", "fabs.d ft2, ft1\n fmv.x.d %0, ft2")

  uint64_t memory[2] = {0xaaaaaaaabf800000, 0x5555555555555555}, r;
  __asm__ volatile("flw ft0, 0(%1)\n fmv.x.d %0, ft0" : "=r"(r) : "r"(memory) : "ft0", "memory");
  result("flw boxes", r);
  __asm__ volatile("fmv.d.x ft0, %0\n fsw ft0, 12(%1)" : : "r"(improper), "r"(memory) : "ft0", "memory");
  result("fsw stores the low half", memory[1]);
  __asm__ volatile("fld ft0, 0(%0)\n fsd ft0, 8(%0)" : : "r"(memory) : "ft0", "memory");
  result("fld and fsd keep all bits", memory[1]);
  memory[0] = 0x7ff0000000000001;
  __asm__ volatile("csrw fflags, zero\n fld ft0, 0(%1)\n fmv.d ft1, ft0\n fsd ft1, 8(%1)\n csrr %0, fflags"
                   : "=r"(r) : "r"(memory) : "ft0", "ft1", "memory");
  result("moving a signalling NaN", memory[1]);
  result("and its flags", r);
}

/* ---- fcsr ---- */

static void control_and_status(void) {
  uint64_t r, s;
  const uint64_t one = 0x3ff0000000000000, three = 0x4008000000000000;
  __asm__ volatile("csrw fcsr, %1\n csrr %0, fcsr" : "=r"(r) : "r"(-1ul));
  result("fcsr keeps eight bits", r);
  __asm__ volatile("csrw fcsr, zero\n csrw frm, %1\n csrr %0, fcsr" : "=r"(r) : "r"(-1ul & ~8ul));
  result("frm is bits 5 to 7", r);
  __asm__ volatile("csrw fcsr, zero\n csrw fflags, %1\n csrr %0, fcsr" : "=r"(r) : "r"(-1ul));
  result("fflags is bits 0 to 4", r);
  __asm__ volatile("csrw fcsr, zero\n fsrmi %0, 3\n fsflagsi %1, 21\n" : "=r"(r), "=r"(s));
  result("fsrmi returns the old mode", r);
  __asm__ volatile("frrm %0\n frflags %1" : "=r"(r), "=r"(s));
  result("frrm", r);
  result("frflags", s);
  __asm__ volatile("csrrc %0, fflags, %2\n csrr %1, fflags" : "=&r"(r), "=r"(s) : "r"(5l));
  result("csrrc returns the old flags", r);
  result("csrrc clears", s);
  __asm__ volatile("csrrsi %0, fflags, 10\n csrr %1, fflags" : "=&r"(r), "=r"(s));
  result("csrrsi sets", s);
  __asm__ volatile("csrrci x0, fflags, 0\n csrrs %0, fcsr, x0" : "=r"(r));
  result("csrrs with x0 only reads", r);

  /* Flags accumulate; results that nobody reads raise theirs too. */
  __asm__ volatile("csrw fcsr, zero\n fmv.d.x ft0, %1\n fmv.d.x ft1, %2\n fmv.d.x ft3, zero\n"
                   "fdiv.d ft2, ft0, ft1\n" /* inexact */
                   "fdiv.d ft2, ft0, ft3\n" /* division by zero; the quotient before is dead */
                   "fsqrt.d ft2, ft3\n"
                   "fmv.d ft2, ft0\n"
                   "csrr %0, fflags" : "=r"(r) : "r"(one), "r"(three) : "ft0", "ft1", "ft2", "ft3");
  result("flags of dead results", r);
  __asm__ volatile("csrw fcsr, zero\n fmv.d.x ft0, %1\n fmv.d.x ft1, %2\n fneg.d ft2, ft0\n fsqrt.d ft2, ft2\n"
                   "fadd.d ft2, ft0, ft0\n csrr %0, fflags" : "=r"(r) : "r"(one), "r"(three) : "ft0", "ft1", "ft2");
  result("a flag stays set", r);

  /* The mode changes between two equal operations: both must be done. */
  uint64_t down, up;
  __asm__ volatile("fmv.d.x ft0, %2\n fmv.d.x ft1, %3\n fsrmi 2\n fdiv.d ft2, ft0, ft1\n fsrmi 3\n fdiv.d ft3, ft0, ft1\n"
                   "fsrmi 0\n fmv.x.d %0, ft2\n fmv.x.d %1, ft3"
                   : "=&r"(down), "=&r"(up) : "r"(one), "r"(three) : "ft0", "ft1", "ft2", "ft3");
  result("1/3 downward", down);
  result("1/3 upward", up);

  /* In a loop, with the flags read in each round. */
  uint64_t hash = 0, x = one;
  for (uint64_t i = 0; i < 1000; i++) {
    uint64_t flags;
    __asm__ volatile("csrw frm, %2\n fmv.d.x ft0, %1\n fmv.d.x ft1, %3\n fdiv.d ft0, ft0, ft1\n fadd.d ft0, ft0, ft1\n"
                     "fmv.x.d %1, ft0\n csrr %0, fflags"
                     : "=&r"(flags), "+&r"(x) : "r"(i % 5), "r"(three) : "ft0", "ft1");
    hash = digest(digest(hash, x), flags);
  }
  __asm__ volatile("csrw fcsr, zero");
  result("modes in a loop", hash);
}

void run_tests(void) {
  rows(from_integer, COUNT(from_integer), integers, COUNT(integers));
  rows(from_single, COUNT(from_single), singles, COUNT(singles));
  rows(from_double, COUNT(from_double), doubles, COUNT(doubles));
  boxes();
  control_and_status();
}
