#define _GNU_SOURCE
#include "plain_region.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Room between two pages that nobody may touch. */
static uint8_t *reserve(size_t len) {
  uint8_t *p = mmap(NULL, len + 2 * AEC_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) abort();
  return p + AEC_PAGE;
}

static void *guarded(size_t len) {
  uint8_t *p = reserve(len);
  if (mprotect(p, len, PROT_READ | PROT_WRITE)) abort();
  return p;
}

/* The region once more, of which `writable` bytes from `first` on can be written. */
static uint8_t *view(int file, size_t len, size_t first, size_t writable) {
  uint8_t *p = reserve(len);
  if (mmap(p, len, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED) abort();
  if (mprotect(p + first, writable, PROT_READ | PROT_WRITE)) abort();
  return p;
}

static void unguarded(void *p, size_t len) { munmap((uint8_t *)p - AEC_PAGE, len + 2 * AEC_PAGE); }

static size_t whole_pages(size_t n) { return (n + AEC_PAGE - 1) & ~(size_t)(AEC_PAGE - 1); }

struct aec_header *plain_header(struct plain_region *r) { return (struct aec_header *)(r->memory + r->len / 2); }

void plain_format(struct plain_region *r, size_t len, uint16_t n_osq, uint16_t n_esq, uint16_t log2_entries) {
  size_t half = len / 2;
  int file = memfd_create("region", MFD_CLOEXEC);
  if (file < 0 || ftruncate(file, (off_t)len)) abort();
  *r = (struct plain_region){.memory = view(file, len, 0, len), .len = len};
  r->side[AEC_HOST] = view(file, len, 0, half);
  r->side[AEC_ENCLAVE] = view(file, len, half + AEC_PAGE, half - AEC_PAGE);
  close(file);
  for (int i = 0; i < 2; i++) {
    pthread_mutex_init(&r->door[i].lock, NULL);
    pthread_cond_init(&r->door[i].rung, NULL);
  }
  uint32_t ze = (uint32_t)whole_pages(aec_rx_offset(n_osq, n_esq, log2_entries));
  uint32_t zh = (uint32_t)whole_pages(aec_rx_offset(n_esq, n_osq, log2_entries));
  uint32_t upper = (uint32_t)half;
  *plain_header(r) = (struct aec_header){
      .magic = AEC_MAGIC, .major = AEC_MAJOR, .minor = AEC_MINOR, .gen = 1, .region_len = (uint32_t)len,
      .n_osq = n_osq, .n_esq = n_esq, .log2_entries = log2_entries, .state = AEC_LIVE, .timebase = 10000000,
      .off = {[AEC_ZH] = 0, [AEC_DH] = zh, [AEC_ZE] = upper + AEC_PAGE, [AEC_DE] = upper + AEC_PAGE + ze},
      .len = {[AEC_ZH] = zh, [AEC_DH] = upper - zh, [AEC_ZE] = ze, [AEC_DE] = upper - AEC_PAGE - ze},
  };
}

void plain_renew(struct plain_region *r) {
  struct aec_header header = *plain_header(r);
  header.gen++;
  header.state = AEC_LIVE;
  memset(r->memory, 0, r->len);
  *plain_header(r) = header;
}

void plain_free(struct plain_region *r) {
  unguarded(r->memory, r->len);
  for (int i = 0; i < 2; i++) unguarded(r->side[i], r->len);
}

void plain_ring(struct plain_region *r, enum aec_role role) {
  struct plain_door *d = &r->door[role];
  pthread_mutex_lock(&d->lock);
  d->rings++;
  pthread_cond_broadcast(&d->rung);
  pthread_mutex_unlock(&d->lock);
}

/* Each thread remembers what it has heard: its first sleep may return at once, none misses a ring. */
static uint32_t door(struct aec *e, uint32_t what, uint32_t microseconds) {
  static _Thread_local uint64_t heard;
  struct plain_side *s = e->port->context;
  if (what & AEC_RING) plain_ring(s->region, (enum aec_role)!e->role);
  if (what & AEC_SLEEP) {
    struct plain_door *d = &s->region->door[e->role];
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    uint64_t ns = (uint64_t)until.tv_nsec + microseconds * 1000ull;
    until.tv_sec += (time_t)(ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    pthread_mutex_lock(&d->lock);
    while (d->rings == heard)
      if ((microseconds ? pthread_cond_timedwait(&d->rung, &d->lock, &until) : pthread_cond_wait(&d->rung, &d->lock)) != 0) break;
    heard = d->rings;
    pthread_mutex_unlock(&d->lock);
  }
  return aec_state(e);
}

static int sync_call(struct aec *e, uint32_t func, const void *arg, uint32_t arg_len, void *ret, uint32_t ret_cap, struct aec_cqe *answer) {
  struct plain_side *s = e->port->context;
  struct aec_request q = {.arg = arg, .arg_len = arg_len, .ret = ret, .ret_cap = ret_cap};
  answer->status = aec_dispatch(&s->other->aec, func, &q);
  answer->ret_len = q.ret_len;
  answer->ret_val = q.ret_val;
  return AEC_OK;
}

void plain_attach(struct plain_side *s, struct plain_region *r, enum aec_role role, enum aec_backend backend,
                  const struct aec_limits *limits, struct plain_side *other) {
  *s = (struct plain_side){.region = r, .other = other, .port = {.door = door, .sync = sync_call, .context = s}};
  s->memory_len = whole_pages(aec_memory_needs(r->side[role], r->len, role, limits));
  s->memory = guarded(s->memory_len);
  int error = aec_setup(&s->aec, r->side[role], r->len, role, backend, limits, &s->port, s->memory, s->memory_len);
  if (error) {
    fprintf(stderr, "aec_setup: %d\n", error);
    abort();
  }
}

void plain_detach(struct plain_side *s) { unguarded(s->memory, s->memory_len); }

void plain_tear_down(struct plain_region *r) {
  __atomic_store_n(&plain_header(r)->state, AEC_DRAIN, __ATOMIC_SEQ_CST);
  plain_ring(r, AEC_ENCLAVE);
  plain_ring(r, AEC_HOST);
}
