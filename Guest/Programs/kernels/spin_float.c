/* Single precision: a damped rotation, with conversions and comparisons. NaN boxing is on every path. */
#include "kernels.h"

static uint64_t run(unsigned repeat) {
  uint64_t hash = 0;
  float x = 1.0f, y = 0.0f, angle = 0.1f;
  for (unsigned r = 0; r < repeat; r++) {
    for (int i = 0; i < 100000; i++) {
      float c = 1.0f - angle * angle * 0.5f, s = angle - angle * angle * angle / 6.0f;
      float next = (x * c - y * s) * 0.9999f;
      y = x * s + y * c;
      x = next;
      if (x * x + y * y < 0.25f) x = x < 0.0f ? x - 0.5f : x + 0.5f;
      else if (y > 2.0f || y < -2.0f) y *= 0.25f;
      angle += 1e-5f;
      if (angle > 0.5f) angle = (float)(int)(angle * 10.0f) * 0.01f;
    }
    hash = mix(mix(hash, bits_of((double)x)), bits_of((double)y));
  }
  return hash;
}

const struct kernel spin_float = {"spin_float", 90, run};
