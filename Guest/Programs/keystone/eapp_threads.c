/* A static pthread program as an eapp: locks, conditions, joins, thread-local storage, sleeping, a thread that spins while
 * others have work, and many short lives. It runs on plain Linux too, with the same output. Returns 5. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

enum { WORKERS = 4, ROUNDS = 2000, ITEMS = 500, LIVES = 50 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long counter, queue[8], head, tail;
static _Thread_local long own;
static atomic_int go, spinning;

static void *count(void *argument) {
  for (int i = 0; i < ROUNDS; i++) {
    pthread_mutex_lock(&lock);
    counter++;
    pthread_mutex_unlock(&lock);
    own++;
    if (i % 100 == 0) sched_yield();
  }
  return (void *)(own + (long)argument);
}

static void counting(void) {
  pthread_t workers[WORKERS];
  long results = 0;
  for (long i = 0; i < WORKERS; i++) pthread_create(&workers[i], NULL, count, (void *)i);
  for (int i = 0; i < WORKERS; i++) {
    void *result;
    pthread_join(workers[i], &result);
    results += (long)result;
  }
  printf("mutex: %ld, results %ld, own %ld\n", counter, results, own);
}

static void *produce(void *argument) {
  (void)argument;
  for (long i = 1; i <= ITEMS; i++) {
    pthread_mutex_lock(&lock);
    while (tail - head == 8) pthread_cond_wait(&changed, &lock);
    queue[tail++ % 8] = i;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}

static void conditions(void) {
  pthread_t producer;
  long sum = 0;
  pthread_create(&producer, NULL, produce, NULL);
  for (int i = 0; i < ITEMS; i++) {
    pthread_mutex_lock(&lock);
    while (tail == head) pthread_cond_wait(&changed, &lock);
    sum += queue[head++ % 8];
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
  }
  pthread_join(producer, NULL);
  printf("condition: %ld\n", sum);
}

/* Never gives the processor away by itself. */
static void *spin(void *argument) {
  volatile double x = 1;
  atomic_store(&spinning, 1);
  while (!atomic_load_explicit(&go, memory_order_relaxed)) x = x * 0.5 + 1;
  *(double *)argument = x;
  return NULL;
}

static void fairness(void) {
  pthread_t spinner;
  double x = 0;
  volatile double y = 0;
  pthread_create(&spinner, NULL, spin, &x);
  while (!atomic_load(&spinning)) sched_yield();
  for (int i = 0; i < 20000000; i++) y = y * 0.25 + 3;
  atomic_store(&go, 1);
  pthread_join(spinner, NULL);
  printf("fairness: %g %g\n", x, y);
}

static void sleeping(void) {
  struct timespec before, after, pause = {0, 20000000};
  clock_gettime(CLOCK_MONOTONIC, &before);
  nanosleep(&pause, NULL);
  clock_gettime(CLOCK_MONOTONIC, &after);
  long long slept = (after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec;
  printf("sleep: %s\n", slept >= 20000000 ? "long enough" : "TOO SHORT");

  struct timespec limit;
  clock_gettime(CLOCK_REALTIME, &limit);
  limit.tv_nsec += 10000000;
  if (limit.tv_nsec >= 1000000000) limit.tv_nsec -= 1000000000, limit.tv_sec++;
  pthread_mutex_lock(&lock);
  int late;
  do late = pthread_cond_timedwait(&changed, &lock, &limit);
  while (late == 0);
  pthread_mutex_unlock(&lock);
  printf("timed wait: %s\n", late == ETIMEDOUT ? "timed out" : "WRONG");
}

static void *live(void *argument) {
  own = (long)argument;
  return (void *)own;
}

static void lives(void) {
  long sum = 0;
  for (long i = 0; i < LIVES; i++) {
    pthread_t thread;
    void *result;
    if (pthread_create(&thread, NULL, live, (void *)i) != 0) break;
    pthread_join(thread, &result);
    sum += (long)result;
  }
  printf("lives: %ld\n", sum);
}

int main(void) {
  counting();
  conditions();
  fairness();
  sleeping();
  lives();
  return 5;
}
