/* Floating-point arithmetic in one precision; included by single.c and double.c, which define
 *   W       suffix of the instructions, "s" or "d"
 *   IN      move from an integer register, OUT: move to one
 *   values  the operands, as bits
 * Every result is printed or digested together with the exception flags that the one instruction raised. */

struct outcome {
  uint64_t bits, flags;
};

/* ---- One instruction each, between cleared and read flags ---- */

#define BODY(instruction) \
  "csrw fflags, zero\n" instruction "\ncsrr %1, fflags"

#define BINARY(X) X(fadd) X(fsub) X(fmul) X(fdiv) X(fmin) X(fmax) X(fsgnj) X(fsgnjn) X(fsgnjx)
#define COMPARE(X) X(feq) X(flt) X(fle)
#define FUSED(X) X(fmadd) X(fmsub) X(fnmadd) X(fnmsub)
#define MODES(X) X(rne) X(rtz) X(rdn) X(rup) X(rmm)

#define DEFINE_BINARY(name)                                                                                     \
  static struct outcome op_##name(uint64_t a, uint64_t b) {                                                     \
    struct outcome o;                                                                                           \
    __asm__ volatile(IN " ft0, %2\n" IN " ft1, %3\n" BODY(#name "." W " ft2, ft0, ft1") "\n" OUT " %0, ft2"     \
                     : "=r"(o.bits), "=&r"(o.flags) : "r"(a), "r"(b) : "ft0", "ft1", "ft2");                    \
    return o;                                                                                                   \
  }
BINARY(DEFINE_BINARY)

#define DEFINE_COMPARE(name)                                                                                    \
  static struct outcome op_##name(uint64_t a, uint64_t b) {                                                     \
    struct outcome o;                                                                                           \
    __asm__ volatile(IN " ft0, %2\n" IN " ft1, %3\n" BODY(#name "." W " %0, ft0, ft1")                          \
                     : "=&r"(o.bits), "=&r"(o.flags) : "r"(a), "r"(b) : "ft0", "ft1");                          \
    return o;                                                                                                   \
  }
COMPARE(DEFINE_COMPARE)

#define DEFINE_FUSED(name)                                                                                      \
  static struct outcome op_##name(uint64_t a, uint64_t b, uint64_t c) {                                         \
    struct outcome o;                                                                                           \
    __asm__ volatile(IN " ft0, %2\n" IN " ft1, %3\n" IN " ft2, %4\n"                                            \
                     BODY(#name "." W " ft3, ft0, ft1, ft2") "\n" OUT " %0, ft3"                                \
                     : "=r"(o.bits), "=&r"(o.flags) : "r"(a), "r"(b), "r"(c) : "ft0", "ft1", "ft2", "ft3");     \
    return o;                                                                                                   \
  }
FUSED(DEFINE_FUSED)

static struct outcome op_fsqrt(uint64_t a) {
  struct outcome o;
  __asm__ volatile(IN " ft0, %2\n" BODY("fsqrt." W " ft1, ft0") "\n" OUT " %0, ft1"
                   : "=r"(o.bits), "=&r"(o.flags) : "r"(a) : "ft0", "ft1");
  return o;
}

static struct outcome op_fclass(uint64_t a) {
  struct outcome o;
  __asm__ volatile(IN " ft0, %2\n" BODY("fclass." W " %0, ft0") : "=&r"(o.bits), "=&r"(o.flags) : "r"(a) : "ft0");
  return o;
}

/* The mode in the instruction, while frm asks for another. */
#define DEFINE_STATIC(mode)                                                                                     \
  static uint64_t static_##mode(uint64_t a, uint64_t b) {                                                       \
    struct outcome o;                                                                                           \
    uint64_t hash = 0;                                                                                          \
    __asm__ volatile(IN " ft0, %2\n" IN " ft1, %3\n" BODY("fadd." W " ft2, ft0, ft1, " #mode) "\n" OUT " %0, ft2" \
                     : "=r"(o.bits), "=&r"(o.flags) : "r"(a), "r"(b) : "ft0", "ft1", "ft2");                    \
    hash = digest(digest(hash, o.bits), o.flags);                                                               \
    __asm__ volatile(IN " ft0, %2\n" IN " ft1, %3\n" BODY("fdiv." W " ft2, ft0, ft1, " #mode) "\n" OUT " %0, ft2" \
                     : "=r"(o.bits), "=&r"(o.flags) : "r"(a), "r"(b) : "ft0", "ft1", "ft2");                    \
    hash = digest(digest(hash, o.bits), o.flags);                                                               \
    __asm__ volatile(IN " ft0, %2\n" IN " ft1, %3\n" BODY("fmul." W " ft2, ft0, ft1, " #mode) "\n" OUT " %0, ft2" \
                     : "=r"(o.bits), "=&r"(o.flags) : "r"(a), "r"(b) : "ft0", "ft1", "ft2");                    \
    hash = digest(digest(hash, o.bits), o.flags);                                                               \
    __asm__ volatile(IN " ft0, %2\n" BODY("fsqrt." W " ft2, ft0, " #mode) "\n" OUT " %0, ft2"                   \
                     : "=r"(o.bits), "=&r"(o.flags) : "r"(a) : "ft0", "ft2");                                   \
    return digest(digest(hash, o.bits), o.flags);                                                               \
  }
MODES(DEFINE_STATIC)

/* ---- Tables ---- */

#define ENTRY(name) {#name, op_##name},
static const struct {
  const char *name;
  struct outcome (*run)(uint64_t, uint64_t);
} binary[] = {BINARY(ENTRY) COMPARE(ENTRY)};
static const struct {
  const char *name;
  struct outcome (*run)(uint64_t, uint64_t, uint64_t);
} fused[] = {FUSED(ENTRY)};
#define STATIC_ENTRY(mode) {#mode, static_##mode},
static const struct {
  const char *name;
  uint64_t (*run)(uint64_t, uint64_t);
} static_modes[] = {MODES(STATIC_ENTRY)};

static void set_mode(uint64_t mode) { __asm__ volatile("csrw frm, %0" : : "r"(mode)); }

static void print(struct outcome o) {
  field(o.bits);
  put('/');
  hex(o.flags, 2);
}

/* A NaN that comes out must be the canonical one, whatever went in; the digests would show that too, but not where. */
static void round_to_nearest(void) {
  for (size_t op = 0; op < COUNT(binary); op++)
    for (size_t i = 0; i < COUNT(values); i++) {
      label(binary[op].name, values[i]);
      for (size_t j = 0; j < COUNT(values); j++) print(binary[op].run(values[i], values[j]));
      put('\n');
    }
  for (size_t i = 0; i < COUNT(values); i++) {
    label("fsqrt, fclass", values[i]);
    print(op_fsqrt(values[i]));
    print(op_fclass(values[i]));
    put('\n');
  }
}

static void every_mode(void) {
  for (uint64_t mode = 0; mode < 5; mode++) {
    set_mode(mode);
    result("frm", mode);
    for (size_t op = 0; op < COUNT(binary); op++)
      for (size_t i = 0; i < COUNT(values); i++) {
        uint64_t hash = 0;
        for (size_t j = 0; j < COUNT(values); j++) {
          struct outcome o = binary[op].run(values[i], values[j]);
          hash = digest(digest(hash, o.bits), o.flags);
        }
        label(binary[op].name, values[i]);
        field(hash);
        put('\n');
      }
    for (size_t op = 0; op < COUNT(fused); op++)
      for (size_t i = 0; i < COUNT(values); i++) {
        uint64_t hash = 0;
        for (size_t j = 0; j < COUNT(values); j++)
          for (size_t k = 0; k < COUNT(values); k++) {
            struct outcome o = fused[op].run(values[i], values[j], values[k]);
            hash = digest(digest(hash, o.bits), o.flags);
          }
        label(fused[op].name, values[i]);
        field(hash);
        put('\n');
      }
    uint64_t hash = 0;
    for (size_t i = 0; i < COUNT(values); i++) {
      struct outcome o = op_fsqrt(values[i]);
      hash = digest(digest(hash, o.bits), o.flags);
    }
    result("fsqrt", hash);
    for (size_t m = 0; m < COUNT(static_modes); m++) {
      hash = 0;
      for (size_t i = 0; i < COUNT(values); i++)
        for (size_t j = 0; j < COUNT(values); j++) hash = digest(hash, static_modes[m].run(values[i], values[j]));
      text("static ");
      result(static_modes[m].name, hash);
    }
  }
  set_mode(0);
}

/* Rounding where it is hard: pseudo-random operands near each other, and far apart. */
static void random_operands(void) {
  uint64_t x = 88172645463325252;
  for (uint64_t mode = 0; mode < 5; mode++) {
    uint64_t hash[4] = {0};
    set_mode(mode);
    for (int i = 0; i < 2000; i++) {
      uint64_t v[3];
      for (int k = 0; k < 3; k++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        v[k] = NEAR_ONE(x);
      }
      struct outcome o = op_fadd(v[0], v[1]);
      hash[0] = digest(digest(hash[0], o.bits), o.flags);
      o = op_fmul(v[0], v[1]);
      hash[1] = digest(digest(hash[1], o.bits), o.flags);
      o = op_fdiv(v[0], v[1]);
      hash[2] = digest(digest(hash[2], o.bits), o.flags);
      o = op_fmadd(v[0], v[1], v[2]);
      hash[3] = digest(digest(hash[3], o.bits), o.flags);
    }
    label("random operands", mode);
    for (int k = 0; k < 4; k++) field(hash[k]);
    put('\n');
  }
  set_mode(0);
}

/* The exceptions to IEEE's exceptions. */
static void special_cases(void) {
  for (size_t op = 0; op < COUNT(fused); op++) {
    text(fused[op].name);
    text(" (inf 0 qnan) (0 inf qnan) (inf 0 1) (inf 1 inf) (snan 1 1) (1 1 snan):");
    print(fused[op].run(INFINITE, 0, QUIET));
    print(fused[op].run(0, INFINITE, QUIET));
    print(fused[op].run(INFINITE, 0, ONE));
    print(fused[op].run(INFINITE, ONE, INFINITE));
    print(fused[op].run(SIGNALLING, ONE, ONE));
    print(fused[op].run(ONE, ONE, SIGNALLING));
    put('\n');
  }
}

void run_tests(void) {
  set_mode(0);
  round_to_nearest();
  every_mode();
  random_operands();
  special_cases();
}
