/* Small pieces of code as compilers make them, each a function with a symbol: what translated code is measured on
 * (docs/testing.md, "Code quality"). Every one is run once or twice and its result printed; what takes time is of no
 * interest here. Changing one changes its figures, and moving one may. */
#include "../isa/isa.h"

#define FRAGMENT __attribute__((noipa))

struct node {
  struct node *next;
  int key;
  short small;
  unsigned char flag;
  double weight;
};

static struct node nodes[8];
static long words[64];
static int counts[64];
static unsigned char bytes[64];
static double xs[32], ys[32];
static float singles[32];

/* Stands behind _start, whose region goes on into what follows its call: this one has no region of its own. */
FRAGMENT void after_start(void) {}

FRAGMENT long alu_chain(long a, long b) {
  a += b;
  a ^= b << 7;
  a -= b >> 3;
  a |= a << 11;
  b &= a;
  a = (a ^ b) + 1234;
  return a ^ (long)((unsigned long)b >> 5);
}

FRAGMENT int word_chain(int a, int b) {
  a += b;
  b = a << 5;
  a -= b;
  a ^= (int)((unsigned)b >> 3);
  return a + b + 77;
}

FRAGMENT long compare_values(long a, long b) { return (a < b) + 2 * ((unsigned long)a < (unsigned long)b) + 4 * (a == b) + 8 * (a != 0); }

FRAGMENT long load_loop(const long *p, long n) {
  long sum = 0;
  for (long i = 0; i < n; i++) sum += p[i];
  return sum;
}

FRAGMENT void store_loop(long *p, long n, long value) {
  for (long i = 0; i < n; i++) p[i] = value;
}

FRAGMENT void copy_loop(long *to, const long *from, long n) {
  for (long i = 0; i < n; i++) to[i] = from[i];
}

FRAGMENT void byte_loop(unsigned char *p, long n) {
  for (long i = 0; i < n; i++) p[i] = (unsigned char)(p[i] ^ i);
}

FRAGMENT long string_length(const char *s) {
  const char *p = s;
  while (*p) p++;
  return p - s;
}

FRAGMENT unsigned bit_crc(unsigned crc, const unsigned char *p, long n) {
  while (n-- > 0) {
    crc ^= *p++;
    for (int k = 0; k < 8; k++) crc = (crc >> 1) ^ (0xEDB88320u & -(crc & 1));
  }
  return crc;
}

FRAGMENT long frame_leaf(long a, long b) { return a * 3 + b; }

FRAGMENT long stack_frame(long a, long b, long c, long d) {
  long e = frame_leaf(a, b), f = frame_leaf(c, d), g = frame_leaf(e, f);
  return a + b * 2 + c * 4 + d * 8 + e + f + g;
}

FRAGMENT long struct_fields(struct node *n) {
  n->key += n->small;
  n->flag ^= 1;
  n->weight += n->key;
  return n->key + n->flag + n->next->key;
}

FRAGMENT long list_walk(const struct node *n, int key) {
  long steps = 0;
  for (; n && n->key != key; n = n->next) steps++;
  return steps;
}

FRAGMENT long gather(const int *table, const long *index, long n) {
  long sum = 0;
  for (long i = 0; i < n; i++) sum += table[index[i]];
  return sum;
}

FRAGMENT long multiply_divide(long a, long b) { return a * b + a / b + a % b; }

FRAGMENT unsigned long high_products(unsigned long a, unsigned long b) {
  return (unsigned long)(((unsigned __int128)a * b) >> 64) ^ (unsigned long)(((__int128)(long)a * (long)b) >> 64);
}

FRAGMENT long bit_counts(unsigned long a) {
  return __builtin_clzl(a) + __builtin_ctzl(a) + __builtin_popcountl(a) + __builtin_clz((unsigned)a | 1);
}

FRAGMENT long bit_shuffles(unsigned long a, long b) {
  unsigned long r = (a << 13 | a >> 51) ^ __builtin_bswap64(a);
  long low = (long)a < b ? (long)a : b;
  return (long)(r & ~(unsigned long)b) + low + (short)a + (long)(unsigned short)b;
}

FRAGMENT long branches(long a, long b) {
  long r = 0;
  if (a > 10) r += b > 20 ? 1 : 2;
  else if (b < 5) r += 4;
  if ((a ^ b) & 1) r += 8;
  if (a == b) r += 16;
  else if (a > b) r += 32;
  return r;
}

FRAGMENT long switch_table(long a, long b) {
  switch (a) {
    case 0: return b + 1;
    case 1: return b * 3;
    case 2: return b - 7;
    case 3: return b << 4;
    case 4: return b ^ 99;
    case 5: return -b;
    case 6: return ~b;
    case 7: return b / 2;
    default: return 0;
  }
}

FRAGMENT long call_indirect(long (*f)(long, long), long n) {
  long sum = 0;
  for (long i = 0; i < n; i++) sum += f(i, sum);
  return sum;
}

FRAGMENT long recursion(long n) { return n < 2 ? n : recursion(n - 1) + recursion(n - 2); }

FRAGMENT void daxpy(double *y, const double *x, double a, long n) {
  for (long i = 0; i < n; i++) y[i] = y[i] + a * x[i];
}

FRAGMENT double float_chain(double a, double b) { return (a * b - a / b) + __builtin_sqrt(a) - b * 0.5; }

FRAGMENT long float_compare(double a, double b) { return (a < b) + 2 * (a <= b) + 4 * (a == b) + 8 * (a != b); }

FRAGMENT double float_largest(const double *p, long n) {
  double most = p[0];
  for (long i = 1; i < n; i++)
    if (p[i] > most) most = p[i];
  return most;
}

FRAGMENT long float_conversions(double a, long b) { return (long)a + (int)(a * 2) + (long)((double)b + (float)a); }

FRAGMENT float single_loop(const float *p, long n) {
  float sum = 0;
  for (long i = 0; i < n; i++) sum += p[i] * p[i];
  return sum;
}

FRAGMENT long atomic_adds(long *p, int *q) {
  __atomic_fetch_add(p, 1, __ATOMIC_RELAXED);
  __atomic_fetch_or(q, 4, __ATOMIC_RELAXED);
  return __atomic_exchange_n(p, 5, __ATOMIC_ACQ_REL) + __atomic_fetch_add(q, 2, __ATOMIC_SEQ_CST);
}

FRAGMENT long reserve_and_store(long *p, long from, long to) {
  long seen, failed;
  __asm__ volatile(
      "1: lr.d %0, (%2)\n"
      "   bne %0, %3, 2f\n"
      "   sc.d %1, %4, (%2)\n"
      "   bnez %1, 1b\n"
      "2:\n"
      : "=&r"(seen), "=&r"(failed)
      : "r"(p), "r"(from), "r"(to)
      : "memory");
  return seen;
}

FRAGMENT long many_values(const long *p, long n) {
  long a = 0, b = 1, c = 2, d = 3, e = 4, f = 5, g = 6, h = 7, i = 8, j = 9;
  while (n-- > 0) {
    a += p[0] ^ j;
    b += p[1] ^ a;
    c += p[2] ^ b;
    d += p[3] ^ c;
    e += p[4] ^ d;
    f += p[5] ^ e;
    g += p[6] ^ f;
    h += p[7] ^ g;
    i += p[8] ^ h;
    j += p[9] ^ i;
  }
  return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h ^ i ^ j;
}

static uint64_t bits(double value) {
  uint64_t raw;
  __builtin_memcpy(&raw, &value, sizeof raw);
  return raw;
}

/* Called through these, so that no fragment becomes a part of its caller. */
#define CALL(f) ({ __typeof__(&f) volatile pointer = f; pointer; })

FRAGMENT void run_fragments(void) {
  CALL(after_start)();
  for (int i = 0; i < 8; i++) {
    nodes[i].next = i < 7 ? &nodes[i + 1] : 0;
    nodes[i].key = i * 10;
    nodes[i].small = (short)-i;
    nodes[i].weight = i / 4.0;
  }
  for (int i = 0; i < 64; i++) {
    words[i] = (i * 7 + 3) % 64;
    counts[i] = i * i - 100;
    bytes[i] = (unsigned char)(i * 5);
  }
  for (int i = 0; i < 32; i++) {
    xs[i] = i * 0.75 - 3;
    ys[i] = 10 - i;
    singles[i] = (float)i / 3;
  }
  result("alu_chain", (uint64_t)CALL(alu_chain)(123456789, 987654321));
  result("word_chain", (uint64_t)CALL(word_chain)(123456789, 987654321));
  result("compare_values", (uint64_t)CALL(compare_values)(-5, 3));
  result("load_loop", (uint64_t)CALL(load_loop)(words, 64));
  CALL(store_loop)(words + 40, 10, 11);
  CALL(copy_loop)(words, words + 30, 20);
  CALL(byte_loop)(bytes, 63);
  result("string_length", (uint64_t)CALL(string_length)("a string of some length"));
  result("bit_crc", CALL(bit_crc)(~0u, bytes, 64));
  result("stack_frame", (uint64_t)CALL(stack_frame)(1, 2, 3, 4));
  result("struct_fields", (uint64_t)CALL(struct_fields)(&nodes[3]));
  result("list_walk", (uint64_t)CALL(list_walk)(nodes, 60));
  result("gather", (uint64_t)CALL(gather)(counts, words, 64));
  result("multiply_divide", (uint64_t)CALL(multiply_divide)(-123456789, 1017));
  result("high_products", CALL(high_products)(0x8123456789abcdef, 0xfedcba9876543210));
  result("bit_counts", (uint64_t)CALL(bit_counts)(0x00f0000012340000));
  result("bit_shuffles", (uint64_t)CALL(bit_shuffles)(0x0123456789abcdef, -77));
  result("branches", (uint64_t)CALL(branches)(11, 4));
  for (long i = 0; i < 9; i += 4) result("switch_table", (uint64_t)CALL(switch_table)(i, 1000));
  result("call_indirect", (uint64_t)CALL(call_indirect)(CALL(frame_leaf), 9));
  result("recursion", (uint64_t)CALL(recursion)(7));
  CALL(daxpy)(ys, xs, 2.5, 32);
  result("daxpy", bits(ys[31]));
  result("float_chain", bits(CALL(float_chain)(7.25, 3.5)));
  result("float_compare", (uint64_t)CALL(float_compare)(7.25, 3.5));
  result("float_largest", bits(CALL(float_largest)(ys, 32)));
  result("float_conversions", (uint64_t)CALL(float_conversions)(-7.25, 1L << 40));
  result("single_loop", bits(CALL(single_loop)(singles, 32)));
  result("atomic_adds", (uint64_t)CALL(atomic_adds)(words, counts));
  result("reserve_and_store", (uint64_t)CALL(reserve_and_store)(words, 5, 6));
  result("many_values", (uint64_t)CALL(many_values)(words, 5));
}

void run_tests(void) {
  __asm__ volatile(
      ".option push\n"
      ".option norelax\n"
      "la gp, __global_pointer$\n"
      ".option pop\n");
  run_fragments();
}
