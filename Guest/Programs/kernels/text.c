/* Words of a text counted in a hash table, sorted by the C library's qsort, printed by snprintf and read back by
 * strtol and strtod: the C library at work. */
#include <stdio.h>
#include <stdlib.h>

#include "kernels.h"

enum { SIZE = 32 * 1024, BUCKETS = 256, WORDS = 1024 };

struct word {
  const char *text;
  uint32_t length, count;
  struct word *next;
};

static char text[SIZE + 1];
static struct word words[WORDS], *buckets[BUCKETS];

static void make_text(uint64_t seed) {
  static const char letters[] = "etaoinshrdlcumwfgypb";
  for (int at = 0; at < SIZE;) {
    uint64_t random = next_random(&seed);
    uint64_t word = (random & 31) * (random >> 5 & 31); /* few are common */
    for (uint64_t spell = word * 7919 + 3; spell && at < SIZE - 1; spell /= 20) text[at++] = letters[spell % 20];
    text[at++] = (random >> 20 & 15) ? ' ' : '\n';
  }
}

static int count_words(void) {
  static const char separators[] = " \n";
  int used = 0;
  memset(buckets, 0, sizeof buckets);
  for (const char *at = text; *(at += strspn(at, separators));) {
    uint32_t length = (uint32_t)strcspn(at, separators), hash = 0;
    for (uint32_t i = 0; i < length; i++) hash = hash * 31 + (uint8_t)at[i];
    struct word **w = &buckets[hash % BUCKETS];
    while (*w && ((*w)->length != length || memcmp((*w)->text, at, length) != 0)) w = &(*w)->next;
    if (!*w) {
      if (used == WORDS) return 0;
      words[used] = (struct word){at, length, 0, NULL};
      *w = &words[used++];
    }
    (*w)->count++;
    at += length;
  }
  return used;
}

static int by_count(const void *left, const void *right) {
  const struct word *a = left, *b = right;
  if (a->count != b->count) return a->count < b->count ? 1 : -1;
  int order = strncmp(a->text, b->text, a->length < b->length ? a->length : b->length);
  return order ? order : a->length < b->length ? -1 : a->length > b->length;
}

static uint64_t run(unsigned repeat) {
  uint64_t hash = 0;
  make_text(13);
  for (unsigned r = 0; r < repeat; r++) {
    text[r * 641 % SIZE] = 'z';
    int used = count_words();
    qsort(words, (size_t)used, sizeof *words, by_count);
    for (int i = 0; i < used; i++) {
      char line[96], *rest;
      int length = snprintf(line, sizeof line, "%5d %u %.4f %.*s", i, words[i].count, words[i].count * 100.0 / used,
                            (int)words[i].length, words[i].text);
      long number = strtol(line, &rest, 10) + strtol(rest, &rest, 10);
      double share = strtod(rest, &rest);
      hash = mix(hash + (uint64_t)length, bits_of(share + (double)number));
    }
  }
  return hash;
}

const struct kernel text_words = {"text", 200, run};
