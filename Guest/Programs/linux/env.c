/* What a program finds on its stack: arguments, environment and the auxiliary vector. */
#include <elf.h>
#include <string.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "tests.h"

extern char **environ;
extern const Elf64_Ehdr __ehdr_start;

int env_test(int argc, char **argv) {
  printf("argc %d\n", argc);
  for (int i = 0; i < argc; i++) printf("argv[%d] \"%s\"\n", i, argv[i]);
  check(argv[argc] == NULL, "argv ends with NULL");
  const char *value = getenv("RVJIT_TEST");
  printf("RVJIT_TEST %s\n", value ? value : "is not set");
  check(environ == argv + argc + 1, "environment follows the arguments");

  const Elf64_Phdr *headers = (const Elf64_Phdr *)getauxval(AT_PHDR);
  check(headers == (const Elf64_Phdr *)((const char *)&__ehdr_start + __ehdr_start.e_phoff), "AT_PHDR");
  check(getauxval(AT_PHNUM) == __ehdr_start.e_phnum && getauxval(AT_PHENT) == sizeof(Elf64_Phdr), "AT_PHNUM, AT_PHENT");
  check(getauxval(AT_ENTRY) == __ehdr_start.e_entry, "AT_ENTRY");
  check(getauxval(AT_BASE) == 0, "AT_BASE");
  check(getauxval(AT_PAGESZ) == 4096 && sysconf(_SC_PAGESIZE) == 4096, "AT_PAGESZ");
  check(getauxval(AT_CLKTCK) == 100, "AT_CLKTCK");
  check(getauxval(AT_SECURE) == 0, "AT_SECURE");
  check(getauxval(AT_UID) == getuid() && getauxval(AT_EUID) == geteuid() && getauxval(AT_GID) == getgid() &&
            getauxval(AT_EGID) == getegid(), "AT_UID, AT_EUID, AT_GID, AT_EGID");

  const unsigned char *random = (const unsigned char *)getauxval(AT_RANDOM);
  int different = 0;
  for (int i = 1; random && i < 16; i++) different += random[i] != random[0];
  check(different > 4, "AT_RANDOM");

  const unsigned long imafdc = 1 << ('I' - 'A') | 1 << ('M' - 'A') | 1 << 0 | 1 << ('F' - 'A') | 1 << ('D' - 'A') | 1 << ('C' - 'A');
  check((getauxval(AT_HWCAP) & imafdc) == imafdc, "AT_HWCAP has imafdc");
  const char *path = (const char *)getauxval(AT_EXECFN);
  check(path && strstr(path, "linux-tests"), "AT_EXECFN");

  uintptr_t sp;
  __asm__("mv %0, sp" : "=r"(sp));
  uintptr_t at_start = (uintptr_t)(argv - 2); /* main dropped argv[0]; argc lies below it */
  check(sp % 16 == 0 && at_start % 16 == 0 && *(long *)at_start == argc + 1, "stack is aligned to 16 bytes");
  return failures() != 0;
}
