/* The three functions that GCC calls even in freestanding code. Built without loop-pattern recognition, or
 * each would be compiled into a call of itself. */
#include <stddef.h>

void *memcpy(void *to, const void *from, size_t n) {
  char *d = to;
  const char *s = from;
  while (n--) *d++ = *s++;
  return to;
}

void *memset(void *to, int value, size_t n) {
  char *d = to;
  while (n--) *d++ = (char)value;
  return to;
}

int memcmp(const void *a, const void *b, size_t n) {
  const unsigned char *x = a, *y = b;
  for (; n--; x++, y++)
    if (*x != *y) return *x - *y;
  return 0;
}
