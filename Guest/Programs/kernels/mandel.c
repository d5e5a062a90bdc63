/* Mandelbrot set, 160 x 120 points, at most 200 iterations: double multiplications and a data-dependent exit. */
#include "kernels.h"

static uint64_t run(unsigned repeat) {
  uint64_t hash = 0;
  for (unsigned r = 0; r < repeat; r++)
    for (int row = 0; row < 120; row++)
      for (int column = 0; column < 160; column++) {
        double cx = -2.2 + column * (3.2 / 160), cy = -1.2 + row * (2.4 / 120) + r * 1e-9;
        double x = 0, y = 0;
        unsigned n = 0;
        while (n < 200 && x * x + y * y < 4.0) {
          double next = x * x - y * y + cx;
          y = 2 * x * y + cy;
          x = next;
          n++;
        }
        hash = mix(hash, n);
      }
  return hash;
}

const struct kernel mandel = {"mandel", 18, run};
