/* Works on more memory than an enclave with little of it has: writes, sums and rewrites `pages` pages, three times, in
 * an order without order. Tells its host of each phase by a null edge call, which does nothing on plain Linux, where it
 * prints the same. Returns 11; 1 when memory does not hold what was written. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "eapp.h"

enum { PAGES = 1280, WORDS = KEYSTONE_PAGE / sizeof(uint64_t), PHASES = 3 };

static uint64_t mix(uint64_t page, uint64_t phase) { return (page + 1) * 0x9e3779b97f4a7c15u ^ phase * 0x517cc1b727220a95u; }

/* 709 is coprime to PAGES. */
static uint64_t place(uint64_t i) { return i * 709 % PAGES; }

int main(void) {
  uint64_t *memory = calloc(PAGES, KEYSTONE_PAGE);
  if (!memory) {
    puts("no memory");
    return 1;
  }
  for (uint64_t phase = 1; phase <= PHASES; phase++) {
    for (uint64_t i = 0; i < PAGES; i++) {
      uint64_t *page = memory + place(i) * WORDS;
      for (uint64_t w = 0; w < WORDS; w += 64) page[w] = mix(place(i), phase) + w;
    }
    ocall(CALL_NULL, &phase, sizeof phase, NULL, 0);
    uint64_t sum = 0, wrong = 0;
    for (uint64_t i = 0; i < PAGES; i++)
      for (uint64_t w = 0; w < WORDS; w++) {
        uint64_t expected = w % 64 ? 0 : mix(i, phase) + w;
        wrong += memory[i * WORDS + w] != expected;
        sum = sum * 31 + memory[i * WORDS + w];
      }
    printf("phase %u: %016lx, %u wrong\n", (unsigned)phase, (unsigned long)sum, (unsigned)wrong);
    if (wrong) return 1;
  }
  fflush(stdout);
  return 11;
}
