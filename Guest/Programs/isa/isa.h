/* Instruction tests without a C library: each program executes instructions on awkward operands and prints what came
 * out in hex, to be compared with the output recorded from qemu-riscv64. Only the write and exit system calls are
 * needed, so a translator can be tested long before its Linux layer is complete. */
#ifndef ISA_H
#define ISA_H

#include <stddef.h>
#include <stdint.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

void run_tests(void);

static inline long isa_syscall(long number, long a, long b, long c) {
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return a0;
}

static char output[1 << 14];
static size_t output_size;

static inline void flush(void) {
  for (size_t done = 0; done < output_size;) {
    long n = isa_syscall(64, 1, (long)(output + done), (long)(output_size - done)); /* write */
    if (n <= 0) break;
    done += (size_t)n;
  }
  output_size = 0;
}

static inline void put(char c) {
  output[output_size++] = c;
  if (output_size == sizeof output) flush();
}

static inline void text(const char *s) {
  while (*s) put(*s++);
}

static inline void hex(uint64_t value, int digits) {
  while (digits-- > 0) put("0123456789abcdef"[value >> (4 * digits) & 15]);
}

/* " value" */
static inline void field(uint64_t value) {
  put(' ');
  hex(value, 16);
}

static inline void label(const char *name, uint64_t operand) {
  text(name);
  field(operand);
  put(':');
}

static inline void result(const char *name, uint64_t value) {
  text(name);
  field(value);
  put('\n');
}

/* Where every value would be too much text, a row prints one digest of all its values. */
static inline uint64_t digest(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 29);
}

/* GCC may turn loops into these. */
__attribute__((used)) static void *isa_memset(void *to, int value, size_t n) __asm__("memset");
static void *isa_memset(void *to, int value, size_t n) {
  volatile char *d = to;
  while (n--) *d++ = (char)value;
  return to;
}
__attribute__((used)) static void *isa_memcpy(void *to, const void *from, size_t n) __asm__("memcpy");
static void *isa_memcpy(void *to, const void *from, size_t n) {
  volatile char *d = to;
  const char *s = from;
  while (n--) *d++ = *s++;
  return to;
}

__attribute__((noreturn, used)) static void isa_main(void) {
  run_tests();
  flush();
  isa_syscall(94, 0, 0, 0); /* exit_group */
  __builtin_unreachable();
}

__asm__(".section .text._start, \"ax\", @progbits\n"
        ".globl _start\n"
        "_start:\n"
        "  andi sp, sp, -16\n"
        "  call isa_main\n"
        ".text\n");

#endif
