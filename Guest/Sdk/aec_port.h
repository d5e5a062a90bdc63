/* What the library asks of the machine: single loads and stores of shared memory, and fences. The model checker
 * (aec_model.c) brings its own, so that it sees every step. */
#ifndef AEC_PORT_H
#define AEC_PORT_H

#include <stddef.h>
#include <stdint.h>

/* Entries are structures when they are made and words when they cross. */
typedef uint64_t __attribute__((may_alias)) aec_word;
typedef uint32_t __attribute__((may_alias)) aec_half;

#ifdef AEC_MODEL
uint32_t aec_load32(const void *p);
uint64_t aec_load64(const void *p);
void aec_store32(void *p, uint32_t v);
void aec_store64(void *p, uint64_t v);
void aec_fence_store(void); /* everything before it, then later stores */
void aec_fence_load(void);  /* earlier loads, then everything after it */
void aec_fence_full(void);
void aec_pause(void);
#else
static inline uint32_t aec_load32(const void *p) { return *(const volatile aec_half *)p; }
static inline uint64_t aec_load64(const void *p) { return *(const volatile aec_word *)p; }
static inline void aec_store32(void *p, uint32_t v) { *(volatile aec_half *)p = v; }
static inline void aec_store64(void *p, uint64_t v) { *(volatile aec_word *)p = v; }
static inline void aec_fence_store(void) { __asm__ volatile("fence rw,w" ::: "memory"); }
static inline void aec_fence_load(void) { __asm__ volatile("fence r,rw" ::: "memory"); }
static inline void aec_fence_full(void) { __asm__ volatile("fence rw,rw" ::: "memory"); }
static inline void aec_pause(void) { __asm__ volatile(".word 0x0100000f" ::: "memory"); }
#endif

static inline uint64_t aec_time(void) {
#ifdef AEC_MODEL
  return 0;
#else
  uint64_t t;
  __asm__ volatile("rdtime %0" : "=r"(t));
  return t;
#endif
}

#endif
