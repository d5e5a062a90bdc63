// Never ends.
#include "machine.h"

int main(uint64_t hart, const void *device_tree)
{
    (void)hart;
    (void)device_tree;
    for (;;)
        __asm__ volatile("");
}
