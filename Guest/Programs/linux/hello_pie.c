/* A static position-independent program without a C library (Debian 12's cross glibc has no start code for one).
 * It relocates itself, as rcrt1.o would: a loader that places an ET_DYN file must only get the addresses right. */
#include <elf.h>
#include <stddef.h>

static long call(long number, long a, long b, long c) {
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return a0;
}

/* Pointers in data: without relocation they hold link-time addresses near 0. */
static const char *const words[] = {"hello", ", ", "position-independent ", "world\n"};

__attribute__((noreturn, used)) static void begin(char *base, const Elf64_Dyn *dynamic) {
  const Elf64_Rela *relocation = NULL;
  size_t size = 0;
  for (; dynamic->d_tag != DT_NULL; dynamic++) {
    if (dynamic->d_tag == DT_RELA) relocation = (const Elf64_Rela *)(base + dynamic->d_un.d_ptr);
    if (dynamic->d_tag == DT_RELASZ) size = dynamic->d_un.d_val;
  }
  for (const Elf64_Rela *end = relocation + size / sizeof *relocation; relocation < end; relocation++)
    if (ELF64_R_TYPE(relocation->r_info) == R_RISCV_RELATIVE)
      *(char **)(base + relocation->r_offset) = base + relocation->r_addend;
  __asm__ volatile("" ::: "memory");

  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    const char *volatile word = words[i];
    size_t length = 0;
    while (word[length]) length++;
    call(64, 1, (long)word, (long)length); /* write */
  }
  call(94, 0, 0, 0); /* exit_group */
  __builtin_unreachable();
}

__asm__(".globl _start\n"
        "_start:\n"
        "  lla a0, __ehdr_start\n"
        "  lla a1, _DYNAMIC\n"
        "  andi sp, sp, -16\n"
        "  j begin\n");
