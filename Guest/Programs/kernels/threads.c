/* Threads that share nothing: each sorts and hashes its own numbers. threads1 and threads2 do the same work in each
 * thread, so that two threads on two cores should take as long as one. */
#include <pthread.h>

#include "kernels.h"

enum { MOST = 2, SIZE = 4096 };

struct work {
  pthread_t thread;
  unsigned repeat;
  uint64_t seed, hash;
  uint64_t data[SIZE];
};

static void *work(void *argument) {
  struct work *w = argument;
  for (unsigned r = 0; r < w->repeat; r++) {
    for (int i = 0; i < SIZE; i++) w->data[i] = next_random(&w->seed) >> 1;
    /* Shell's sort: loops within loops, no calls. */
    for (int gap = SIZE / 2; gap > 0; gap /= 2)
      for (int i = gap; i < SIZE; i++) {
        uint64_t value = w->data[i];
        int hole = i;
        for (; hole >= gap && w->data[hole - gap] > value; hole -= gap) w->data[hole] = w->data[hole - gap];
        w->data[hole] = value;
      }
    for (int i = 0; i < SIZE; i++) w->hash = mix(w->hash, w->data[i]);
  }
  return NULL;
}

static uint64_t run_threads(int count, unsigned repeat) {
  static struct work all[MOST];
  uint64_t hash = 0;
  for (int i = 0; i < count; i++) {
    all[i].repeat = repeat;
    all[i].seed = 19 + (uint64_t)i;
    all[i].hash = 0;
    if (pthread_create(&all[i].thread, NULL, work, &all[i]) != 0) return 0;
  }
  for (int i = 0; i < count; i++) {
    pthread_join(all[i].thread, NULL);
    hash = mix(hash, all[i].hash);
  }
  return hash;
}

static uint64_t run_one(unsigned repeat) { return run_threads(1, repeat); }
static uint64_t run_two(unsigned repeat) { return run_threads(2, repeat); }

const struct kernel threads1 = {"threads1", 300, run_one};
const struct kernel threads2 = {"threads2", 300, run_two};
