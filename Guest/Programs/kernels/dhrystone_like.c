/* The mix of work that systems code was found to be made of: records copied whole and reached through pointers, short
 * strings copied and compared by the C library, small procedures with parameters by value and by reference,
 * enumerations, arrays of two dimensions, divisions. */
#include "kernels.h"

enum colour { RED, GREEN, BLUE, YELLOW, VIOLET };
enum { ROUNDS = 2000, SIDE = 50 };

struct record {
  struct record *next;
  int tag;
  enum colour colour;
  int amount;
  char text[31];
};

static struct record first, second;
static int total, flag, row[SIDE], table[SIDE][SIDE];
static char mark_a, mark_b;

static __attribute__((noinline)) enum colour after(enum colour c) {
  switch (c) {
    case RED: return total > 100 ? RED : VIOLET;
    case GREEN: return total < 100 ? YELLOW : GREEN;
    case BLUE: return GREEN;
    case YELLOW: return BLUE;
    default: return RED;
  }
}

static __attribute__((noinline)) int same_kind(char a, char b) {
  char copy = a;
  if (copy != b) return 0;
  mark_a = copy;
  return 1;
}

static __attribute__((noinline)) int comes_later(const char *a, const char *b) {
  int i = 2;
  char mark = 'A';
  while (i <= 2)
    if (same_kind(a[i], b[i + 1])) i++;
    else mark = 'B', i++;
  if (mark == 'X') return 0;
  if (strcmp(a, b) > 0) {
    total = i + 7;
    return 1;
  }
  return 0;
}

static __attribute__((noinline)) void add_offset(int a, int b, int *sum) { *sum = b + a + 2; }

static __attribute__((noinline)) void fill(int *line, int (*grid)[SIDE], int at, int value) {
  int i = at + 5;
  line[i] = value;
  line[i + 1] = line[i];
  line[i + 30 < SIDE ? i + 30 : i] = i;
  for (int k = i; k <= i + 1; k++) grid[i][k] = i;
  grid[i][i - 1] += 1;
  grid[(i + 20) % SIDE][i] = line[i];
  total = 5;
}

static __attribute__((noinline)) void follow(struct record **at) {
  if (first.next) *at = first.next;
  add_offset(10, total, &first.amount);
}

static __attribute__((noinline)) void update(struct record *r) {
  struct record *next = r->next;
  *next = first;
  r->amount = 5;
  next->amount = r->amount;
  next->next = r->next;
  follow(&next->next);
  if (next->tag == 0) {
    next->amount = 6;
    next->colour = after(r->colour);
    next->next = first.next;
    add_offset(next->amount, 10, &next->amount);
  } else {
    *r = *next;
  }
}

static uint64_t run(unsigned repeat) {
  uint64_t hash = 0;
  total = flag = 0, mark_a = mark_b = 0;
  memset(row, 0, sizeof row), memset(table, 0, sizeof table);
  first = (struct record){&second, 0, BLUE, 40, "a string of thirty characters."};
  for (unsigned r = 0; r < repeat; r++)
    for (int i = 1; i <= ROUNDS; i++) {
      int a = 2, b = 3, c = 0;
      char one[31], two[31];
      strcpy(one, "a string of thirty characters.");
      strcpy(two, i & 1 ? "a string of thirty characterS." : "a string of thirty chAracters.");
      mark_a = 'A', mark_b = 'B';
      flag = !comes_later(one, two);
      while (a < b) {
        c = 5 * a - b;
        add_offset(a, b, &c);
        a++;
      }
      fill(row, table, a + (int)(r + (unsigned)i) % 8, c);
      first.colour = (enum colour)(i % 5);
      first.tag = i % 3 == 0;
      update(&first);
      for (char mark = 'A'; mark <= mark_b; mark++)
        if (same_kind(mark, 'C')) flag++;
      b = b * a;
      a = b / (c | 1);
      b = 7 * (b - c) - a;
      hash = mix(hash, (uint64_t)(a + b + c + flag + total + row[i % SIDE] + table[i % SIDE][r % SIDE] + second.amount) ^
                           (uint64_t)second.colour << 32);
    }
  return hash;
}

const struct kernel dhrystone_like = {"dhrystone_like", 1500, run};
