/* Five gravitating bodies, 1000 steps a repeat: double arithmetic with a square root and a division a pair. */
#include "kernels.h"

struct body {
  double x[3], v[3], mass;
};

static uint64_t run(unsigned repeat) {
  struct body bodies[5];
  for (int i = 0; i < 5; i++) {
    bodies[i].mass = i ? 1e-3 / i : 40.0;
    for (int k = 0; k < 3; k++) {
      bodies[i].x[k] = i ? (i * 3.0 + k) * (k == i % 3 ? -1.0 : 0.7) : 0.0;
      bodies[i].v[k] = i ? (k - 1) * 1.1 / i : 0.0;
    }
  }
  const double dt = 0.001;
  for (unsigned step = 0; step < repeat * 1000; step++) {
    for (int i = 0; i < 5; i++)
      for (int j = i + 1; j < 5; j++) {
        double d[3], square = 0.01;
        for (int k = 0; k < 3; k++) {
          d[k] = bodies[i].x[k] - bodies[j].x[k];
          square += d[k] * d[k];
        }
        double pull = dt / (square * square_root(square));
        for (int k = 0; k < 3; k++) {
          bodies[i].v[k] -= d[k] * bodies[j].mass * pull;
          bodies[j].v[k] += d[k] * bodies[i].mass * pull;
        }
      }
    for (int i = 0; i < 5; i++)
      for (int k = 0; k < 3; k++) bodies[i].x[k] += dt * bodies[i].v[k];
  }
  uint64_t hash = 0;
  for (int i = 0; i < 5; i++)
    for (int k = 0; k < 3; k++) hash = mix(mix(hash, bits_of(bodies[i].x[k])), bits_of(bodies[i].v[k]));
  return hash;
}

const struct kernel nbody = {"nbody", 400, run};
