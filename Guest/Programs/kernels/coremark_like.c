/* The mix of work that embedded benchmarks are made of: a linked list that is searched, reversed and sorted, a
 * small integer matrix, a text scanner with a jump table, and a CRC-16 over all results. Every round must
 * produce the same CRC, and the program aborts when it does not: a translator that miscompiles under load is
 * found out here. */
#include <stdio.h>
#include <stdlib.h>

#include "kernels.h"

static uint16_t crc16(uint16_t crc, uint32_t value) {
  for (int bit = 0; bit < 32; bit++, value >>= 1) {
    int carry = (crc ^ value) & 1;
    crc >>= 1;
    if (carry) crc ^= 0xa001;
  }
  return crc;
}

/* ---- Linked list ---- */

struct node {
  struct node *next;
  int16_t key, order;
};
enum { NODES = 120 };

static struct node *make_list(struct node *nodes) {
  uint32_t seed = 12345;
  for (int i = 0; i < NODES; i++) {
    seed = seed * 1103515245 + 12345;
    nodes[i].key = (int16_t)((seed >> 16) % 97);
    nodes[i].order = (int16_t)i;
    nodes[i].next = i + 1 < NODES ? &nodes[i + 1] : NULL;
  }
  return nodes;
}

static struct node *reverse(struct node *list) {
  struct node *done = NULL;
  while (list) {
    struct node *next = list->next;
    list->next = done;
    done = list;
    list = next;
  }
  return done;
}

static int by_key(const struct node *a, const struct node *b) { return a->key - b->key; }
static int by_order(const struct node *a, const struct node *b) { return a->order - b->order; }

/* Bottom-up merge sort: the comparison is an indirect call, as in real list code. */
static struct node *sort(struct node *list, int (*compare)(const struct node *, const struct node *)) {
  for (int width = 1;; width *= 2) {
    struct node *rest = list, *head = NULL, **tail = &head;
    int merges = 0;
    while (rest) {
      struct node *left = rest, *right = rest;
      int left_size = 0, right_size = width;
      merges++;
      while (right && left_size < width) left_size++, right = right->next;
      while (left_size > 0 || (right_size > 0 && right)) {
        int from_left = left_size > 0 && (right_size == 0 || !right || compare(left, right) <= 0);
        struct node **side = from_left ? &left : &right;
        if (from_left) left_size--;
        else right_size--;
        *tail = *side;
        *side = (*side)->next;
        tail = &(*tail)->next;
      }
      rest = right;
    }
    *tail = NULL;
    list = head;
    if (merges <= 1) return list;
  }
}

static uint16_t work_on_list(struct node *nodes, uint16_t crc) {
  struct node *list = make_list(nodes);
  for (int key = 0; key < 97; key += 5) {
    int steps = 0;
    struct node *at = list;
    while (at && at->key != key) at = at->next, steps++;
    crc = crc16(crc, (uint32_t)steps);
    list = reverse(list);
  }
  list = sort(list, by_key);
  for (struct node *at = list; at; at = at->next) crc = crc16(crc, (uint32_t)(at->key << 8 | (at->order & 0xff)));
  list = sort(list, by_order);
  return crc16(crc, (uint32_t)list->key);
}

/* ---- Matrix ---- */

enum { SIDE = 12 };

static uint16_t work_on_matrix(uint16_t crc) {
  static int16_t a[SIDE][SIDE], b[SIDE][SIDE];
  static int32_t c[SIDE][SIDE];
  for (int i = 0; i < SIDE; i++)
    for (int j = 0; j < SIDE; j++) {
      a[i][j] = (int16_t)(i * SIDE + j + crc % 7);
      b[i][j] = (int16_t)(j * 3 - i);
    }
  for (int i = 0; i < SIDE; i++)
    for (int j = 0; j < SIDE; j++) {
      int32_t sum = 0;
      for (int k = 0; k < SIDE; k++) sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
  for (int i = 0; i < SIDE; i++)
    for (int j = 0; j < SIDE; j++)
      crc = crc16(crc, (uint32_t)((c[i][j] >> 2) & 0x0f) * (uint32_t)((c[i][j] >> 5) & 0x7f));
  return crc;
}

/* ---- Text scanner: which tokens are integers, decimals, exponents, junk ---- */

enum state { START, SIGN, INTEGER, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, POWER, JUNK, STATES };

static int is_digit(char c) { return c >= '0' && c <= '9'; }

static enum state step(enum state s, char c) {
  switch (s) {
    case START: return is_digit(c) ? INTEGER : c == '+' || c == '-' ? SIGN : c == '.' ? POINT : JUNK;
    case SIGN: return is_digit(c) ? INTEGER : c == '.' ? POINT : JUNK;
    case INTEGER: return is_digit(c) ? INTEGER : c == '.' ? FRACTION : c == 'e' || c == 'E' ? EXPONENT : JUNK;
    case POINT: return is_digit(c) ? FRACTION : JUNK;
    case FRACTION: return is_digit(c) ? FRACTION : c == 'e' || c == 'E' ? EXPONENT : JUNK;
    case EXPONENT: return is_digit(c) ? POWER : c == '+' || c == '-' ? EXPONENT_SIGN : JUNK;
    case EXPONENT_SIGN: return is_digit(c) ? POWER : JUNK;
    case POWER: return is_digit(c) ? POWER : JUNK;
    default: return JUNK;
  }
}

static uint16_t work_on_text(uint16_t crc) {
  static const char text[] =
      "5012,1234,-874,+122,35.54400,.1234500,-110.700,+0.64400,5.500e+3,-.123e-2,-87e+832,+0.6e-12,T0.3e-1F,"
      "-T.T++Tq,1T3.4e4z,34.0e-T^,7,,.,+,-.e,1e,2e+,0.,99999999999999999999,1.5.2,";
  uint32_t ended[STATES] = {0}, passed[STATES] = {0};
  enum state s = START;
  for (const char *c = text; *c; c++) {
    if (*c == ',') {
      ended[s]++;
      s = START;
    } else {
      s = step(s, *c);
      passed[s]++;
    }
  }
  for (int i = 0; i < STATES; i++) crc = crc16(crc16(crc, ended[i]), passed[i]);
  return crc;
}

static uint16_t one_round(void) {
  static struct node nodes[NODES];
  return work_on_text(work_on_matrix(work_on_list(nodes, 0)));
}

static uint64_t run(unsigned repeat) {
  enum { EXPECTED = 0x1276 };
  uint64_t hash = 0;
  for (unsigned i = 0; i < repeat; i++) {
    uint16_t crc = one_round();
    if (crc != EXPECTED) {
      fprintf(stderr, "coremark_like: round %u gave %04x instead of %04x\n", i, crc, EXPECTED);
      abort();
    }
    hash = mix(hash, crc);
  }
  return hash;
}

const struct kernel coremark_like = {"coremark_like", 10000, run};
