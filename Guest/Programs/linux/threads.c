/* Threads: creation, joining, thread-local storage, every kind of lock, and the memory model. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests.h"

enum { THREADS = 4, ROUNDS = 20000 };

static void run_threads(void *(*body)(void *)) {
  pthread_t threads[THREADS];
  for (long i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, body, (void *)i);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
}

/* ---- Counters ---- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_spinlock_t spin;
static long under_mutex, under_spin, by_lrsc;
static atomic_long by_amo, by_cas;
static atomic_uint by_xor; /* each bit an even number of times */

static void *count(void *unused) {
  for (int i = 0; i < ROUNDS; i++) {
    pthread_mutex_lock(&mutex);
    under_mutex++;
    pthread_mutex_unlock(&mutex);
    pthread_spin_lock(&spin);
    under_spin++;
    pthread_spin_unlock(&spin);
    atomic_fetch_add(&by_amo, 1);
    long old = atomic_load(&by_cas);
    while (!atomic_compare_exchange_weak(&by_cas, &old, old + 1)) {}
    atomic_fetch_xor(&by_xor, 1u << i % 32);
    long value;
    int failed;
    do __asm__ volatile("lr.d.aq %0, (%2); addi %0, %0, 1; sc.d.rl %1, %0, (%2)"
                        : "=&r"(value), "=&r"(failed) : "r"(&by_lrsc) : "memory");
    while (failed);
  }
  return unused;
}

static void counters(void) {
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  run_threads(count);
  const long expected = (long)THREADS * ROUNDS;
  check(under_mutex == expected, "mutex");
  check(under_spin == expected, "spin lock");
  check(by_amo == expected, "amoadd");
  check(by_cas == expected, "compare and exchange");
  check(by_lrsc == expected, "lr/sc");
  check(by_xor == 0, "amoxor");
}

/* ---- Memory model: store buffering and message passing with fences ---- */

static atomic_int x, y, turn;
static int r0, r1, forbidden;
static pthread_barrier_t barrier;

static void *litmus(void *index) {
  for (int i = 0; i < 2000; i++) {
    int turns = pthread_barrier_wait(&barrier);
    if (turns == PTHREAD_BARRIER_SERIAL_THREAD) x = y = 0;
    pthread_barrier_wait(&barrier);
    /* Store buffering: with a full fence not both threads may read 0. */
    atomic_store_explicit(index ? &y : &x, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    *(index ? &r1 : &r0) = atomic_load_explicit(index ? &x : &y, memory_order_relaxed);
    turns = pthread_barrier_wait(&barrier);
    if (turns == PTHREAD_BARRIER_SERIAL_THREAD) forbidden += r0 == 0 && r1 == 0;
  }
  return NULL;
}

static long payload;

static void *send_messages(void *unused) {
  for (int i = 1; i <= ROUNDS; i++) {
    payload = i;
    atomic_store_explicit(&turn, 1, memory_order_release);
    while (atomic_load_explicit(&turn, memory_order_acquire)) sched_yield();
  }
  return unused;
}

static void *receive_messages(void *unused) {
  for (int i = 1; i <= ROUNDS; i++) {
    while (!atomic_load_explicit(&turn, memory_order_acquire)) sched_yield();
    forbidden += payload != i;
    atomic_store_explicit(&turn, 0, memory_order_release);
  }
  return unused;
}

static void memory_model(void) {
  pthread_t a, b;
  pthread_barrier_init(&barrier, NULL, 2);
  pthread_create(&a, NULL, litmus, (void *)0);
  pthread_create(&b, NULL, litmus, (void *)1);
  pthread_join(a, NULL);
  pthread_join(b, NULL);
  check(forbidden == 0, "store buffering with fences");
  forbidden = 0;
  pthread_create(&a, NULL, send_messages, NULL);
  pthread_create(&b, NULL, receive_messages, NULL);
  pthread_join(a, NULL);
  pthread_join(b, NULL);
  check(forbidden == 0, "message passing with acquire and release");
}

/* ---- A bounded queue ---- */

enum { CAPACITY = 8 };
static int queue[CAPACITY], head, tail, filled;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER, not_full = PTHREAD_COND_INITIALIZER;
static long consumed;

static void *produce_or_consume(void *index) {
  for (int i = 0; i < ROUNDS / 10; i++) {
    pthread_mutex_lock(&mutex);
    if ((long)index % 2 == 0) {
      while (filled == CAPACITY) pthread_cond_wait(&not_full, &mutex);
      queue[head++ % CAPACITY] = i;
      filled++;
      pthread_cond_signal(&not_empty);
    } else {
      while (filled == 0) pthread_cond_wait(&not_empty, &mutex);
      consumed += queue[tail++ % CAPACITY];
      filled--;
      pthread_cond_signal(&not_full);
    }
    pthread_mutex_unlock(&mutex);
  }
  return NULL;
}

static void conditions(void) {
  run_threads(produce_or_consume);
  const long n = ROUNDS / 10;
  check(filled == 0 && consumed == n * (n - 1) / 2 * (THREADS / 2), "condition variables");
  struct timespec deadline;
  clock_gettime(CLOCK_REALTIME, &deadline);
  pthread_mutex_lock(&mutex);
  check(pthread_cond_timedwait(&not_empty, &mutex, &deadline) == ETIMEDOUT, "timed wait ends");
  pthread_mutex_unlock(&mutex);
}

/* ---- Thread-local storage, keys, once, results, cancellation ---- */

static _Thread_local long local = 7;
static _Thread_local char zeroed[100];
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static atomic_int destroyed, initialised;
static sem_t semaphore;

static void destroy(void *value) { destroyed += (int)(intptr_t)value; }
static void initialise(void) { initialised++; }

static void *local_body(void *index) {
  int clean = local == 7 && !memchr(zeroed, 1, sizeof zeroed);
  memset(zeroed, 1, sizeof zeroed);
  local += (long)index;
  pthread_setspecific(key, (void *)((long)index + 1));
  pthread_once(&once, initialise);
  pthread_barrier_wait(&barrier);
  return (void *)(local * (clean ? 1 : -1));
}

static void *wait_forever(void *unused) {
  sem_wait(&semaphore);
  pause();
  return unused;
}

static void lifetimes(void) {
  pthread_t threads[THREADS];
  long sum = 0;
  pthread_key_create(&key, destroy);
  pthread_barrier_destroy(&barrier);
  pthread_barrier_init(&barrier, NULL, THREADS);
  for (long i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, local_body, (void *)i);
  for (int i = 0; i < THREADS; i++) {
    void *result;
    pthread_join(threads[i], &result);
    sum += (long)result;
  }
  check(sum == 7 * THREADS + THREADS * (THREADS - 1) / 2, "thread-local storage and results");
  check(local == 7, "the first thread's copy is its own");
  check(destroyed == THREADS * (THREADS + 1) / 2, "destructors of keys");
  check(initialised == 1, "once");

  pthread_t thread;
  void *result = NULL;
  sem_init(&semaphore, 0, 0);
  pthread_create(&thread, NULL, wait_forever, NULL);
  sem_post(&semaphore);
  pthread_cancel(thread);
  pthread_join(thread, &result);
  check(result == PTHREAD_CANCELED, "cancellation");

  int created = 0;
  for (int i = 0; i < 300; i++) created += pthread_create(&thread, NULL, wait_forever, NULL) == 0 &&
                                           pthread_cancel(thread) == 0 && pthread_join(thread, NULL) == 0;
  check(created == 300, "300 short-lived threads");
}

/* ---- Reader-writer lock ---- */

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static long left, right, torn;

static void *read_or_write(void *index) {
  for (int i = 0; i < ROUNDS / 4; i++)
    if (index) {
      pthread_rwlock_rdlock(&lock);
      if (left != right) __atomic_fetch_add(&torn, 1, __ATOMIC_RELAXED);
      pthread_rwlock_unlock(&lock);
    } else {
      pthread_rwlock_wrlock(&lock);
      left++;
      right++;
      pthread_rwlock_unlock(&lock);
    }
  return NULL;
}

int threads_test(int argc, char **argv) {
  (void)argc, (void)argv;
  counters();
  memory_model();
  conditions();
  lifetimes();
  run_threads(read_or_write);
  check(torn == 0 && left == ROUNDS / 4, "reader-writer lock");
  return failures() != 0;
}
