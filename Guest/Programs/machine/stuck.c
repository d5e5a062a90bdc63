// An illegal instruction with mtvec where no memory is.
#include "machine.h"

int main(uint64_t hart, const void *device_tree)
{
    (void)hart;
    (void)device_tree;
    CSR_WRITE(mtvec, 0);
    __asm__ volatile("unimp");
    return 0;
}
