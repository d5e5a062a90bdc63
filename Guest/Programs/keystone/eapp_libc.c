/* An ordinary static glibc program as an eapp: formatted output, the heap, sorting, floating point, a file. It runs on
 * plain Linux too, with the same output. In an enclave its system calls go through the runtime, which needs what
 * Keystone calls linux_syscall, io_syscall and env_setup. Returns 23. */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int by_value(const void *a, const void *b) {
  const long x = *(const long *)a, y = *(const long *)b;
  return (x > y) - (x < y);
}

static void heap(void) {
  enum { N = 2000 };
  long *numbers = malloc(N * sizeof *numbers), x = 1, sorted = 1;
  if (!numbers) {
    puts("no memory");
    return;
  }
  for (int i = 0; i < N; i++) numbers[i] = x = x * 1103515245 + 12345;
  qsort(numbers, N, sizeof *numbers, by_value);
  for (int i = 1; i < N; i++) sorted &= numbers[i - 1] <= numbers[i];
  printf("heap: %d numbers %s, median %ld\n", N, sorted ? "sorted" : "NOT SORTED", numbers[N / 2]);
  numbers = realloc(numbers, 64 * N * sizeof *numbers); /* too large for brk: goes to mmap */
  printf("heap: realloc %s\n", numbers ? "ok" : "failed");
  free(numbers);
}

/* The harmonic number comes out as 9.000000 where a monitor forgets to save floating-point registers. */
static void floating_point(void) {
  volatile double one = 1; /* or the compiler calculates */
  double harmonic = 0;
  for (int i = 1; i <= 1000; i++) harmonic += 1.0 / i;
  printf("floating point: H(1000) = %.6f\n", harmonic);
  printf("floating point: exp(1) = %.15f, atan2(1,1)*4 = %.15f, cbrt(27) = %g\n", exp(one), 4 * atan2(one, one), cbrt(27 * one));
  printf("floating point: %a %e %.3Lf %.17g\n", 0.1, 6.02214076e23, 1.5L, strtod("3.1415926535897932", NULL));
}

static void file(void) {
  static const char path[] = "/tmp/rvjit-eapp-libc.txt", text[] = "written by an enclave\n";
  char back[64] = {0};
  int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  long written = fd < 0 ? -1 : write(fd, text, sizeof text - 1);
  long at = lseek(fd, 11, SEEK_SET);
  long got = read(fd, back, sizeof back - 1);
  printf("file: wrote %ld, sought %ld, read %ld: %s", written, at, got, got > 0 ? back : "nothing\n");
  printf("file: close %d, unlink %d, reopen %d\n", close(fd), unlinkat(AT_FDCWD, path, 0), open(path, O_RDONLY));
}

int main(void) {
  puts("hello from a libc eapp");
  heap();
  floating_point();
  file();
  return 23;
}
