/* Fast Fourier transform of 2048 complex numbers, there and back: strides that change from pass to pass. */
#include "kernels.h"

enum { BITS = 11, N = 1 << BITS };

struct complex {
  double re, im;
};

static struct complex turns[N / 2], data[N];

/* exp(-2 pi i k / N) by halving angles: no library whose last digit might differ. */
static void make_turns(void) {
  turns[0] = (struct complex){1, 0};
  struct complex step = {0, -1}; /* a quarter turn */
  for (int size = N / 4; size >= 1; size /= 2) {
    for (int k = size; k < N / 2; k += 2 * size) {
      struct complex t = turns[k - size];
      turns[k] = (struct complex){t.re * step.re - t.im * step.im, t.re * step.im + t.im * step.re};
    }
    double half = square_root((1 + step.re) / 2);
    step = (struct complex){half, step.im / (2 * half)};
  }
}

static void transform(void) {
  for (unsigned i = 0, j = 0; i < N; i++) {
    if (i < j) {
      struct complex swap = data[i];
      data[i] = data[j];
      data[j] = swap;
    }
    unsigned bit = N / 2;
    for (; j & bit; bit /= 2) j ^= bit;
    j |= bit;
  }
  for (int size = 1; size < N; size *= 2)
    for (int block = 0; block < N; block += 2 * size)
      for (int k = 0; k < size; k++) {
        struct complex w = turns[k * (N / 2 / size)], *low = &data[block + k], *high = low + size;
        struct complex t = {high->re * w.re - high->im * w.im, high->re * w.im + high->im * w.re};
        *high = (struct complex){low->re - t.re, low->im - t.im};
        *low = (struct complex){low->re + t.re, low->im + t.im};
      }
}

static uint64_t run(unsigned repeat) {
  uint64_t seed = 16, hash = 0;
  make_turns();
  for (int i = 0; i < N; i++) data[i] = (struct complex){(double)(next_random(&seed) >> 40) * 0x1p-24, 0};
  for (unsigned r = 0; r < repeat; r++) {
    transform();
    hash = mix(hash, bits_of(data[r % N].re));
    for (int i = 0; i < N; i++) data[i] = (struct complex){data[i].re * (1.0 / N), data[i].im * (-1.0 / N)};
    transform();
    hash = mix(hash, bits_of(data[r * 5 % N].im));
  }
  return hash;
}

const struct kernel fft = {"fft", 500, run};
