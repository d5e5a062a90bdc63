// Everything that HTIF has: proxied write, a call that does not exist, console out and in, exit code.
#include "machine.h"
#include "htif.h"

#define CONSOLE_READ (1UL << 56)
#define CONSOLE_WRITE (1UL << 56 | 1UL << 48)
#define SYS_WRITE 64
#define SYS_GETPID 172
#define EBADF 9
#define EFAULT 14
#define ENOSYS 38

static volatile uint64_t call[8] __attribute__((aligned(64)));

static int64_t syscall(uint64_t number, uint64_t a, uint64_t b, uint64_t c)
{
    call[0] = number;
    call[1] = a;
    call[2] = b;
    call[3] = c;
    FENCE();
    if (htif((uint64_t)call) != 1)
        return -1;
    return (int64_t)call[0];
}

int main(uint64_t hart, const void *device_tree)
{
    (void)hart;
    (void)device_tree;
    static const char text[] = "proxied\n";
    if (syscall(SYS_WRITE, 1, (uint64_t)text, sizeof text - 1) != (int64_t)sizeof text - 1)
        tohost = 1 << 1 | 1;
    if (syscall(SYS_WRITE, 7, (uint64_t)text, 1) != -EBADF)
        tohost = 2 << 1 | 1;
    if (syscall(SYS_WRITE, 1, 0x1000, 8) != -EFAULT)
        tohost = 3 << 1 | 1;
    if (syscall(SYS_GETPID, 0, 0, 0) != -ENOSYS)
        tohost = 4 << 1 | 1;
    for (const char *c = "console\n"; *c; c++) {
        if ((htif(CONSOLE_WRITE | (uint8_t)*c) & 0xff) != (uint8_t)*c)
            tohost = 5 << 1 | 1;
    }
    uint64_t typed = htif(CONSOLE_READ);
    if (typed != (CONSOLE_READ | 0x100 | 'k'))
        tohost = 6 << 1 | 1;
    tohost = 77 << 1 | 1;
    for (;;) {
    }
}
