/* All ways to place nine queens: recursion with an array to go back in, and branches that nobody can foresee. */
#include "kernels.h"

enum { SIDE = 9 };

struct board {
  int column[SIDE];
  uint64_t solutions, hash;
};

static int is_free(const struct board *b, int row, int column) {
  for (int i = 0; i < row; i++) {
    int distance = b->column[i] - column;
    if (distance == 0 || distance == row - i || distance == i - row) return 0;
  }
  return 1;
}

static __attribute__((noinline)) void place(struct board *b, int row) {
  if (row == SIDE) {
    b->solutions++;
    for (int i = 0; i < SIDE; i++) b->hash = b->hash * 11 + (uint64_t)b->column[i];
    return;
  }
  for (int column = 0; column < SIDE; column++)
    if (is_free(b, row, column)) {
      b->column[row] = column;
      place(b, row + 1);
    }
}

static uint64_t run(unsigned repeat) {
  struct board b = {{0}, 0, 1};
  for (unsigned r = 0; r < repeat; r++) {
    b.solutions = 0;
    place(&b, 0);
    if (b.solutions != 352) return 0;
  }
  return mix(b.hash, b.solutions);
}

const struct kernel queens = {"queens", 600, run};
