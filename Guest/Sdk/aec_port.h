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

/* A pause that ends when what is most likely waited for comes, the word that becomes `value`: an answer is found within one look, not
 * after whatever else a turn has to do. */
#ifndef AEC_LOOKS
#define AEC_LOOKS 8
#endif
static inline void aec_pause_for(const void *word, uint32_t value) {
  int looks = AEC_LOOKS;
  do aec_pause();
  while (--looks && aec_load32(word) != value);
}

/* uipi.send and uipi.wait of Xaec (docs/isa.md), by an entry of this thread's table, until `time`; then what is pending is read. */
#ifdef AEC_MODEL
static inline void aec_user_send(uint32_t entry) { (void)entry; }
static inline uint64_t aec_user_read(void) { return 0; }
static inline void aec_user_wait(uint64_t time) { (void)time; }
#else
static inline void aec_user_send(uint32_t entry) { __asm__ volatile(".insn i 0x7b, 2, x0, %0, 0" ::"r"((uint64_t)entry) : "memory"); }
static inline uint64_t aec_user_read(void) {
  uint64_t bits;
  __asm__ volatile(".insn i 0x7b, 6, %0, x0, 1" : "=r"(bits)::"memory");
  return bits;
}
static inline void aec_user_wait(uint64_t time) {
  __asm__ volatile(".insn i 0x7b, 2, x0, %0, 5" ::"r"(time) : "memory");
  aec_user_read();
}
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
