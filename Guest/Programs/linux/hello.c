/* The first program: static, with a C library. */
#include <stdio.h>

int main(void) {
  puts("hello, world");
  return 0;
}
